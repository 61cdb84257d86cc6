// An editable combobox with list autocomplete (WAI-ARIA authoring practices), fed by /api/terms of this server.
// Python owns the value: it comes down in `data`, and what was picked goes up as the trigger `picked`.

const LIMIT = 10
const KEPT_ANSWERS = 200
const MARKS = {
  known: "known",
  extrapolated: "extrapolated",
  refused: "refused",
  "no effect": "no effect",
  unchecked: "",
}

const pickers = new WeakMap()
const answers = new Map() // url -> terms, the newest last; shared by all pickers of the page
let made = 0

export default function (component) {
  const { parentElement } = component
  let picker = pickers.get(parentElement)
  if (!picker) {
    picker = createPicker(parentElement.querySelector(".picker"))
    pickers.set(parentElement, picker)
  }
  picker.update(component)
  return () => {
    picker.close()
    pickers.delete(parentElement)
  }
}

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children)
  return node
}

function createPicker(root) {
  const id = `terms-${++made}`
  const label = element("label", { for: `${id}-input` })
  const help = element("button", { type: "button", class: "help", tabindex: "-1", "aria-hidden": "true" }, "?")
  const input = element("input", {
    id: `${id}-input`,
    type: "text",
    role: "combobox",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    maxlength: "10000",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": `${id}-list`,
    "aria-describedby": `${id}-beneath`,
  })
  const clear = element("button", { type: "button", class: "clear", hidden: "" }, "✕")
  const field = element("div", { class: "field" }, input, clear)
  const beneath = element("div", { class: "beneath", id: `${id}-beneath` })
  const list = element("ul", { id: `${id}-list`, role: "listbox", popover: "manual" })
  const spoken = element("div", { class: "spoken", role: "status", "aria-live": "polite" })
  root.replaceChildren(label, field, beneath, list, spoken)

  const state = {
    data: {}, // what Python said last
    send: () => {},
    shown: "", // the field's text when it was last settled
    pending: null, // chosen here, not yet confirmed by Python
    terms: [], // the list, and the text that it answers
    answered: null,
    active: -1,
    open: false,
    request: null, // under way, and the text that it asks for
    asking: null,
    wanted: null, // the text that Enter or Tab chose before its list was there
  }

  // What is chosen, as Python says it ---------------------------------------------------------------------------

  function update(component) {
    const { data } = component
    state.send = value => component.setTriggerValue("picked", { value })
    const changed = data.value !== state.data.value || data.valueLabel !== state.data.valueLabel
    state.data = data
    if (state.pending !== null && state.pending.value === data.value) state.pending = null
    label.replaceChildren(data.label)
    if (data.help) {
      help.title = data.help
      label.append(help)
    }
    list.setAttribute("aria-label", data.label)
    clear.setAttribute("aria-label", `Clear ${data.label}`)
    input.placeholder = data.placeholder || ""
    if (changed && !(state.open && input.matches(":focus"))) show(data.valueLabel || data.value)
    describe()
  }

  function show(text) {
    state.shown = text
    input.value = text
    clear.hidden = text === ""
  }

  function describe() {
    const chosen = state.pending ?? { value: state.data.value, labelled: Boolean(state.data.valueLabel) }
    const error = state.pending ? "" : state.data.error
    const parts = []
    if (state.wanted !== null) parts.push(element("span", { class: "looking" }, "Looking it up …"))
    else if (error) parts.push(element("span", { class: "error" }, error))
    else if (chosen.value && chosen.labelled) parts.push(element("code", {}, chosen.value))
    beneath.replaceChildren(...parts)
    const invalid = Boolean(state.data.invalid) && state.pending === null
    field.classList.toggle("invalid", invalid)
    input.setAttribute("aria-invalid", String(invalid))
  }

  function mark(status, reason) {
    const words = MARKS[status] ?? status
    const kind = status === "no effect" || status === "unchecked" ? "none" : status
    return element("span", { class: words ? `mark ${kind}` : "", title: reason || "" }, words)
  }

  // Asking -----------------------------------------------------------------------------------------------------

  async function ask(text) {
    const parameters = new URLSearchParams({ q: text, limit: String(LIMIT) })
    for (const ontology of state.data.ontologies) parameters.append("ontology", ontology)
    if (state.data.model) parameters.set("model", state.data.model)
    const url = new URL(`api/terms?${parameters}`, document.baseURI).href
    const kept = answers.get(url)
    if (kept) return kept
    state.request?.abort()
    state.request = new AbortController()
    const response = await fetch(url, { signal: state.request.signal })
    if (!response.ok) throw new Error(`the server answered ${response.status}`)
    const { terms } = await response.json()
    answers.set(url, terms)
    if (answers.size > KEPT_ANSWERS) answers.delete(answers.keys().next().value)
    return terms
  }

  async function suggest() {
    const text = input.value.trim()
    if (text === "") {
      close()
      return
    }
    if (state.asking === text) return
    state.asking = text
    try {
      answer(await ask(text.slice(0, 300)), text)
    } catch (error) {
      if (error.name === "AbortError") return
      if (state.wanted === text) chooseText()
      else if (input.matches(":focus")) note(`The term list does not answer just now (${error.message}). An id can be pasted.`)
    } finally {
      if (state.asking === text) state.asking = null
    }
  }

  function answer(terms, text) {
    const stands = input.value.trim() === text
    if (state.wanted === text) {
      state.wanted = null
      if (stands && terms.length > 0) choose(terms[0])
      else if (stands) {
        state.terms = []
        chooseText()
      }
      describe()
    } else if (stands && input.matches(":focus")) listTerms(terms, text)
  }

  // The list ---------------------------------------------------------------------------------------------------

  function listTerms(terms, text) {
    state.terms = terms
    state.answered = text
    if (terms.length === 0) {
      note(`No term is called “${text.slice(0, 40)}”. Try fewer letters or a synonym; an id is taken as it stands.`)
      return
    }
    list.replaceChildren(...terms.map((term, index) => option(term, index, text)))
    openList()
    activate(0)
    spoken.textContent = `${terms.length} ${terms.length === 1 ? "term" : "terms"}; ${terms[0].label}`
  }

  function note(words) {
    state.terms = []
    state.answered = input.value.trim()
    list.replaceChildren(element("li", { class: "note" }, words))
    openList()
    activate(-1)
    spoken.textContent = words
  }

  function option(term, index, text) {
    const name = element("span", { class: "name" }, ...bold(term.label, text))
    if (term.matched && term.matched.toLowerCase() !== term.label.toLowerCase() && term.matched !== term.id)
      name.append(element("span", { class: "synonym" }, ...bold(term.matched, text)))
    const row = element("li", { role: "option", id: `${id}-option-${index}`, "aria-selected": "false" }, name)
    if (term.status && MARKS[term.status]) row.append(mark(term.status, term.reason))
    row.append(element("code", {}, term.id))
    if (term.definition) row.title = term.definition
    row.onpointerdown = event => event.preventDefault() // keeps the focus in the field
    row.onclick = () => choose(term)
    row.onpointermove = () => activate(index, false)
    return row
  }

  function bold(name, text) {
    const at = name.toLowerCase().indexOf(text.toLowerCase())
    if (at < 0) return [name]
    const end = at + text.length
    return [name.slice(0, at), element("b", {}, name.slice(at, end)), name.slice(end)]
  }

  function activate(index, scroll = true) {
    list.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false")
    state.active = index
    const row = index < 0 ? null : list.children[index]
    if (!row) {
      input.removeAttribute("aria-activedescendant")
      return
    }
    row.setAttribute("aria-selected", "true")
    input.setAttribute("aria-activedescendant", row.id)
    if (scroll) row.scrollIntoView({ block: "nearest" })
  }

  function openList() {
    if (!state.open) {
      state.open = true
      list.showPopover()
      input.setAttribute("aria-expanded", "true")
      window.addEventListener("scroll", place, { capture: true, passive: true })
      window.addEventListener("resize", place)
    }
    place()
  }

  function close() {
    state.request?.abort()
    state.asking = null
    wantNothing()
    hideList()
  }

  function hideList() {
    if (!state.open) return
    state.open = false
    if (list.matches(":popover-open")) list.hidePopover()
    input.setAttribute("aria-expanded", "false")
    activate(-1)
    list.replaceChildren()
    window.removeEventListener("scroll", place, { capture: true })
    window.removeEventListener("resize", place)
  }

  function place() {
    const box = field.getBoundingClientRect()
    const width = Math.min(Math.max(box.width, 420), window.innerWidth - 16)
    const below = window.innerHeight - box.bottom
    list.style.width = `${width}px`
    list.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - width - 8))}px`
    const above = below < 240 && box.top > below
    list.style.top = above ? "auto" : `${box.bottom + 4}px`
    list.style.bottom = above ? `${window.innerHeight - box.top + 4}px` : "auto"
  }

  // Choosing ---------------------------------------------------------------------------------------------------

  function choose(term) {
    close()
    show(term.label)
    state.answered = null
    state.pending = { value: term.id, labelled: true }
    describe()
    if (term.id !== state.data.value) state.send(term.id)
  }

  function chooseActive() {
    const term = state.open ? state.terms[state.active] : undefined
    if (!caughtUp()) wantFirst()
    else if (term) choose(term)
    else chooseText()
  }

  // Whether the list answers what stands in the field, or the field needs no answer.
  function caughtUp() {
    return ["", state.answered, state.shown.trim()].includes(input.value.trim())
  }

  // Who types fast presses Enter or Tab before the list has caught up: its first term is chosen once it is there, also
  // where the focus has moved on by then.
  function wantFirst() {
    state.wanted = input.value.trim()
    describe()
    suggest()
  }

  function wantNothing() {
    if (state.wanted === null) return
    state.wanted = null
    describe()
  }

  function leave() {
    if (state.wanted === null) chooseText()
    else {
      hideList()
      state.send(state.wanted) // should Predict be pressed before the answer, Python knows what stands here
    }
  }

  function chooseText() {
    const text = input.value.trim()
    close()
    if (text === state.shown.trim()) return
    const meant = state.terms.find(term => names(term).includes(text.toLowerCase()))
    if (meant) {
      choose(meant)
      return
    }
    state.shown = text
    state.send(text)
  }

  function names(term) {
    return [term.id, term.label, term.matched ?? ""].map(name => name.toLowerCase())
  }

  // Events -----------------------------------------------------------------------------------------------------

  input.oninput = () => {
    clear.hidden = input.value === ""
    wantNothing()
    suggest()
  }
  input.onfocus = () => input.select()
  input.onblur = leave
  input.onkeydown = event => {
    const last = state.terms.length - 1
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      if (!state.open) suggest()
      else if (last >= 0) {
        const step = event.key === "ArrowDown" ? 1 : -1
        activate((state.active + step + last + 1) % (last + 1))
      }
    } else if (event.key === "Enter") {
      event.preventDefault()
      chooseActive()
    } else if (event.key === "Escape") {
      event.preventDefault()
      if (!state.open) show(state.data.valueLabel || state.data.value)
      close()
    } else if (event.key === "Tab" && !caughtUp()) {
      wantFirst() // and let the focus move on
    } else if (event.key === "Tab" && state.open && state.terms[state.active]) {
      choose(state.terms[state.active])
    } else if (event.altKey || event.ctrlKey || event.metaKey) {
      return
    } else if (event.key === "Home" || event.key === "End") {
      activate(-1)
    }
  }
  clear.onclick = () => {
    close()
    show("")
    state.terms = []
    state.pending = { value: "", labelled: false }
    describe()
    if (state.data.value) state.send("")
    input.focus()
  }

  return { update, close }
}
