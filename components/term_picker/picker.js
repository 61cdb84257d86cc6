// An editable combobox with list autocomplete (WAI-ARIA authoring practices), fed by /api/terms of this server.
// Python owns the value: it comes down in `data`, and what was picked goes up as the trigger `picked`.

const LIMIT = 10
const LIMIT_OF_SEVERAL = 20 // where several ontologies share one list
const SUGGESTED = 8
const SUGGESTED_OF_SEVERAL = 9
const KEPT_ANSWERS = 200
const LIVE = "EBI's OLS4"
const HINT = "Type a name, a synonym, an id, or a few letters of one."
const MARKS = {
  known: "known",
  extrapolated: "extrapolated",
  refused: "refused",
  "no effect": "no effect",
  unchecked: "",
}
const SCOPES = { BROAD: "broader", NARROW: "narrower", RELATED: "related" }

const pickers = new WeakMap()
const answers = new Map() // url -> answer, the newest last; shared by all pickers of the page
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

// Terms that this browser picked lately ---------------------------------------------------------------------------

const RECENT = "synthome.recent-terms"
const MOST_RECENT = 5 // of each ontology

function ontologyOf(id) {
  if (/^[0-9]+$/.test(id)) return "NCBITaxon"
  return id.startsWith("ENSG") ? "ENSEMBL" : id.split(/[:_]/)[0]
}

function allRecent() {
  try {
    const kept = JSON.parse(localStorage.getItem(RECENT) ?? "[]")
    return kept.filter(term => typeof term.id === "string" && typeof term.label === "string")
  } catch {
    return [] // storage that is switched off, or written by somebody else
  }
}

function recentTerms(ontologies) {
  return allRecent()
    .filter(term => ontologies.includes(ontologyOf(term.id)))
    .slice(0, MOST_RECENT)
}

function remember({ id, label }) {
  const counts = {}
  const kept = [{ id, label }, ...allRecent().filter(term => term.id !== id)].filter(term => {
    const ontology = ontologyOf(term.id)
    counts[ontology] = (counts[ontology] ?? 0) + 1
    return counts[ontology] <= MOST_RECENT
  })
  try {
    localStorage.setItem(RECENT, JSON.stringify(kept))
  } catch {
    // a browser that keeps nothing still picks terms
  }
}

// What of a name was typed ----------------------------------------------------------------------------------------

const GREEK = (
  "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau upsilon " +
  "phi chi psi omega"
).split(" ")

// A name without case, accents and separators; for each letter left its place in the name, and where words begin.
function folded(name) {
  const letters = []
  const places = []
  const starts = []
  let within = false
  let place = 0
  for (const character of name) {
    const plain = character.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "")
    const greek = GREEK[plain.charCodeAt(0) - 0x3b1]
    const text = plain.length === 1 && greek ? greek : plain
    for (const letter of text) {
      if (!within) starts.push(letters.length)
      letters.push(letter)
      places.push([place, place + character.length])
      within = true
    }
    if (text === "" && !/\p{M}/u.test(character)) within = false
    place += character.length
  }
  return { text: letters.join(""), places, starts }
}

// The stretches of `name` that `typed` accounts for: as a whole, however it is spaced, or else word by word.
function stretches(name, typed) {
  const { text, places, starts } = folded(name)
  const whole = folded(typed)
  if (!whole.text) return []
  const at = starts.find(start => text.startsWith(whole.text, start)) ?? text.indexOf(whole.text)
  if (at >= 0) return [[places[at][0], places[at + whole.text.length - 1][1]]]
  const words = whole.starts.map((start, number) => whole.text.slice(start, whole.starts[number + 1]))
  return words.flatMap(word => {
    const begun = starts.map(start => [start, common(text.slice(start), word)])
    const most = Math.max(0, ...begun.map(([, length]) => length))
    if (most < Math.min(word.length, 3)) return []
    return begun
      .filter(([, length]) => length === most)
      .map(([start, length]) => [places[start][0], places[start + length - 1][1]])
  })
}

function common(one, other) {
  let length = 0
  while (length < other.length && one[length] === other[length]) length += 1
  return length
}

function bold(name, typed) {
  const parts = []
  let done = 0
  for (const [start, end] of stretches(name, typed).sort((one, other) => one[0] - other[0] || other[1] - one[1])) {
    if (start < done) continue
    parts.push(name.slice(done, start), element("b", {}, name.slice(start, end)))
    done = end
  }
  return [...parts, name.slice(done)]
}

// The picker ------------------------------------------------------------------------------------------------------

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
  const words = element("div", { class: "words" })
  const list = element("div", { id: `${id}-list`, class: "list", role: "listbox" })
  const foot = element("div", { id: `${id}-foot`, class: "foot" })
  const panel = element("div", { class: "panel", popover: "manual" }, words, list, foot)
  const spoken = element("div", { class: "spoken", role: "status", "aria-live": "polite" })
  root.replaceChildren(label, field, beneath, panel, spoken)

  const state = {
    data: {}, // what Python said last
    send: () => {},
    shown: "", // the field's text when it was last settled
    pending: null, // chosen here, not yet confirmed by Python
    terms: [], // the list, and the text that it answers
    answered: null,
    rows: [], // what the arrow keys go through: { node, about, take, term }
    sure: false, // whether the list holds what was typed, so that Tab may take it
    active: -1,
    steered: false, // whether the arrows chose the active row since the last letter
    open: false,
    request: null, // under way, and the text that it asks for
    asking: null,
    wanted: null, // the text that Enter or Tab chose before its list was there
    live: null, // the text that is looked for elsewhere just now
    quiet: false, // whether the focus opens no list
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
    const writing = state.wanted !== null || (input.matches(":focus") && (state.open || input.value !== state.shown))
    if (changed && !writing) show(valueLabel() || data.value)
    describe()
  }

  // Python has no name for a term that was found elsewhere; this browser remembers it.
  function valueLabel() {
    const { value, valueLabel } = state.data
    return valueLabel || (value && allRecent().find(term => term.id === value)?.label) || ""
  }

  function show(text) {
    state.shown = text
    input.value = text
    clear.hidden = text === ""
  }

  function describe() {
    const chosen = state.pending ?? { value: state.data.value, labelled: Boolean(valueLabel()) }
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

  // Asking -----------------------------------------------------------------------------------------------------

  function several() {
    return state.data.ontologies.length > 1
  }

  async function ask(path, parameters) {
    const query = new URLSearchParams(parameters)
    for (const ontology of state.data.ontologies) query.append("ontology", ontology)
    if (state.data.model) query.set("model", state.data.model)
    if (state.data.lists) query.set("lists", state.data.lists)
    const url = new URL(`api/terms${path}?${query}`, document.baseURI).href
    const kept = answers.get(url)
    if (kept) return kept
    state.request?.abort()
    state.request = new AbortController()
    const response = await fetch(url, { signal: state.request.signal })
    const answer = await response.json().catch(error => {
      if (response.ok || error.name === "AbortError") throw error
      return {} // an error that is not this server's own
    })
    if (!response.ok) throw new Error(answer.error || `the server answered ${response.status}`)
    answers.set(url, answer)
    if (answers.size > KEPT_ANSWERS) answers.delete(answers.keys().next().value)
    return answer
  }

  async function suggest() {
    const text = input.value.trim()
    state.live = null
    if (text === "") {
      if (input.matches(":focus")) suggestBefore()
      else close()
      return
    }
    if (state.asking === text) return
    state.asking = text
    try {
      const limit = String(several() ? LIMIT_OF_SEVERAL : LIMIT)
      answer(await ask("", { q: text.slice(0, 300), limit }), text)
    } catch (error) {
      if (error.name === "AbortError") return
      if (state.wanted === text) chooseText()
      else if (input.matches(":focus")) note(`The term list does not answer just now (${error.message}). An id can be pasted.`)
    } finally {
      if (state.asking === text) state.asking = null
    }
  }

  function answer({ terms, closest = false }, text) {
    const stands = input.value.trim() === text
    const focused = input.matches(":focus")
    const wanted = state.wanted === text
    if (wanted) {
      state.wanted = null
      if (stands && terms.length > 0 && !closest) choose(terms[0])
      else if (stands && !(terms.length > 0 && focused)) {
        state.terms = []
        chooseText()
      }
      describe()
    }
    if (stands && focused && (!wanted || closest)) listTerms(terms, text, closest)
  }

  // Before anything is typed: what this browser picked lately, and what the model knows best.
  async function suggestBefore() {
    const recent = recentTerms(state.data.ontologies)
    const before = { recent, suggested: [] }
    if (state.data.model) {
      const query = [["limit", several() ? SUGGESTED_OF_SEVERAL : SUGGESTED], ...recent.map(term => ["recent", term.id])]
      try {
        const known = await ask("/suggested", query)
        before.recent = recent.map(term => known.recent.find(other => other.id === term.id) ?? term)
        before.suggested = known.suggested.filter(term => !recent.some(other => other.id === term.id))
      } catch (error) {
        if (error.name === "AbortError") return // else what the browser remembers is shown alone
      }
    }
    if (input.value.trim() !== "" || !input.matches(":focus")) return
    const groups = [
      ["Recent", before.recent],
      ["Suggested: the model knows these best", before.suggested],
    ].filter(([, terms]) => terms.length > 0)
    state.terms = []
    if (groups.length === 0) {
      hideList()
      return
    }
    fill("", groups.map(([heading, terms]) => group(heading, terms.map(term => option(term, "")))))
    state.sure = true
    activate(-1)
    spoken.textContent = `${groups.map(([heading, terms]) => `${terms.length} ${heading.split(":")[0].toLowerCase()}`).join(", ")}; arrow down to choose, or type.`
  }

  // Elsewhere, where the user asks for it.
  async function searchLive(text) {
    note(`Asking ${LIVE} for “${text.slice(0, 40)}” …`)
    state.live = text
    try {
      const { terms } = await ask("/live", { q: text.slice(0, 300) })
      if (state.live !== text) return
      if (terms.length === 0) {
        note(`${LIVE} finds nothing called “${text.slice(0, 40)}” in these ontologies.`)
        return
      }
      state.terms = terms
      fill("", [group(`Live from ${LIVE}, not from the terms shipped with Synthome`, terms.map(term => option(term, text)))])
      state.sure = false
      activate(0)
      spoken.textContent = `${terms.length} live from ${LIVE}; ${terms[0].label}`
    } catch (error) {
      if (error.name === "AbortError" || state.live !== text) return
      note(error.message, [liveOption(text, `Try ${LIVE} again`)])
    }
  }

  // The list ---------------------------------------------------------------------------------------------------

  function listTerms(terms, text, closest) {
    state.terms = terms
    state.answered = text
    const called = terms.some(term => ["id", "label", "synonym"].includes(term.kind))
    const elsewhere = state.data.live && !called && terms.length < LIMIT ? [liveOption(text)] : []
    const quoted = `“${text.slice(0, 40)}${text.length > 40 ? "…" : ""}”`
    if (terms.length === 0) {
      note(`Nothing is called ${quoted}. Try fewer letters or a synonym; an id is taken as it stands.`, elsewhere)
      return
    }
    const head = closest ? `Nothing is called ${quoted}. Closest:` : ""
    // Who has gone through the list before the answer to the last letter came stays at the term where she is.
    const steeredTo = state.steered ? state.rows[state.active]?.key : undefined
    fill(head, [...grouped(terms, text), ...elsewhere])
    state.sure = !closest
    activate(Math.max(0, state.rows.findIndex(row => row.key === steeredTo)))
    spoken.textContent = `${head} ${terms.length} ${terms.length === 1 ? "term" : "terms"}; ${terms[0].label}`.trim()
  }

  // One list of one ontology; of several, a part for each, that of the best term first.
  function grouped(terms, text) {
    if (!several()) return terms.map(term => option(term, text))
    const parts = new Map()
    for (const term of terms) parts.set(term.ontology, [...(parts.get(term.ontology) ?? []), option(term, text)])
    return [...parts].map(([ontology, options]) => group(state.data.kinds[ontology] ?? ontology, options))
  }

  function note(sentence, rows = []) {
    state.terms = []
    state.answered = input.value.trim()
    fill(sentence, rows)
    state.sure = false
    activate(-1)
    spoken.textContent = sentence
  }

  // `parts` are options, or groups of them.
  function fill(sentence, parts) {
    words.textContent = sentence
    words.hidden = !sentence
    state.rows = parts.flatMap(part => part.rows ?? [part])
    state.rows.forEach((row, index) => {
      row.node.id = `${id}-option-${index}`
      row.node.onpointerdown = event => {
        event.preventDefault() // keeps the focus in the field
        activate(index, false)
      }
      row.node.onpointermove = () => activate(index, false)
      row.node.onclick = row.take
    })
    list.hidden = state.rows.length === 0
    list.replaceChildren(...parts.map(part => part.node))
    list.scrollTop = 0
    foot.hidden = !state.rows.some(row => row.about.length > 0)
    openList()
  }

  function group(heading, rows) {
    const title = element("div", { class: "heading", role: "presentation" }, heading)
    title.id = `${id}-group-${rows[0].key}`
    const node = element("div", { role: "group", "aria-labelledby": title.id }, title, ...rows.map(row => row.node))
    return { node, rows }
  }

  function option(term, text) {
    const name = element("span", { class: "name" }, ...bold(term.label, text))
    const synonym = term.matched && term.matched.toLowerCase() !== term.label.toLowerCase() && term.matched !== term.id
    if (synonym && !term.replaces) {
      name.append(" ", element("span", { class: "synonym" }, ...bold(term.matched, text)))
      if (SCOPES[term.scope]) name.append(" ", element("span", { class: "scope" }, `(${SCOPES[term.scope]})`))
    }
    const aside = obsolescence(term)
    if (aside) name.append(" ", element("span", { class: "aside" }, aside))
    const side = element("span", { class: "side" })
    if (term.kind === "live") side.append(element("span", { class: "mark live" }, "live"), " ")
    if (term.status && MARKS[term.status]) side.append(mark(term.status), " ")
    side.append(element("code", {}, term.id))
    const node = element("div", { role: "option", class: "option", "aria-selected": "false" }, name, " ", side)
    return { node, term, key: term.id, about: about(term), take: () => choose(term) }
  }

  function obsolescence(term) {
    if (term.replaces) return `${term.replaces} is obsolete: replaced by ${term.label}`
    return term.obsolete ? "obsolete: nothing replaces it" : ""
  }

  function liveOption(text, words = `Search live at ${LIVE} for “${text.slice(0, 40)}”`) {
    const name = element("span", { class: "name" }, words)
    const side = element("span", { class: "side" }, element("span", { class: "mark live" }, "elsewhere, needs the network"))
    const node = element("div", { role: "option", class: "option elsewhere", "aria-selected": "false" }, name, " ", side)
    return { node, key: "live", about: [], take: () => searchLive(text) }
  }

  function mark(status) {
    const kind = status === "no effect" || status === "unchecked" ? "none" : status
    return element("span", { class: `mark ${kind}` }, MARKS[status] ?? status)
  }

  // What is told of the active term beneath the list: what it is, and what the model makes of it.
  function about(term) {
    const lines = []
    if (term.definition) lines.push(term.definition)
    else if (term.parents?.length)
      lines.push(`${term.ontology === "UBERON" ? "Kind or part" : "Kind"} of ${term.parents.join(", ")}`)
    if (term.status && MARKS[term.status] && term.reason) lines.push(`${capital(MARKS[term.status])}: ${term.reason}`)
    return lines
  }

  function capital(words) {
    return words.charAt(0).toUpperCase() + words.slice(1)
  }

  function activate(index, scroll = true) {
    const before = state.rows[state.active]
    const row = state.rows[index]
    if (before && before === row && row.node.getAttribute("aria-selected") === "true") return
    const selected = list.querySelector('[aria-selected="true"]')
    selected?.setAttribute("aria-selected", "false")
    selected?.removeAttribute("aria-describedby")
    state.active = row ? index : -1
    foot.replaceChildren(...(row?.about ?? [HINT]).map(line => element("div", {}, line)))
    if (!row) {
      input.removeAttribute("aria-activedescendant")
      return
    }
    row.node.setAttribute("aria-selected", "true")
    if (row.about.length > 0) row.node.setAttribute("aria-describedby", foot.id)
    input.setAttribute("aria-activedescendant", row.node.id)
    if (scroll) row.node.scrollIntoView({ block: "nearest" })
    if (scroll && index === 0) list.scrollTop = 0 // with the heading above it
  }

  function openList() {
    if (!state.open) {
      state.open = true
      panel.showPopover()
      input.setAttribute("aria-expanded", "true")
      window.addEventListener("scroll", place, { capture: true, passive: true })
      window.addEventListener("resize", place)
      window.visualViewport?.addEventListener("resize", place)
    }
    place()
  }

  function close() {
    state.request?.abort()
    state.asking = null
    state.live = null
    wantNothing()
    hideList()
  }

  function hideList() {
    if (!state.open) return
    state.open = false
    if (panel.matches(":popover-open")) panel.hidePopover()
    input.setAttribute("aria-expanded", "false")
    activate(-1)
    state.rows = []
    list.replaceChildren()
    words.textContent = ""
    window.removeEventListener("scroll", place, { capture: true })
    window.removeEventListener("resize", place)
    window.visualViewport?.removeEventListener("resize", place)
  }

  function place() {
    const box = field.getBoundingClientRect()
    const view = window.visualViewport // without the keyboard of a phone
    const bottom = view ? view.offsetTop + view.height : window.innerHeight
    const width = Math.min(Math.max(box.width, 460), window.innerWidth - 16)
    const below = bottom - box.bottom
    panel.style.width = `${width}px`
    panel.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - width - 8))}px`
    const above = below < 260 && box.top > below
    panel.style.top = above ? "auto" : `${box.bottom + 4}px`
    panel.style.bottom = above ? `${window.innerHeight - box.top + 4}px` : "auto"
    panel.style.maxHeight = `${Math.max(160, Math.min(440, (above ? box.top : below) - 12))}px`
  }

  // Choosing ---------------------------------------------------------------------------------------------------

  function choose(term) {
    close()
    show(term.label)
    remember(term)
    state.answered = null
    state.pending = { value: term.id, labelled: true }
    describe()
    if (term.id !== state.data.value) state.send(term.id)
  }

  function chooseActive() {
    const row = state.open ? state.rows[state.active] : undefined
    if (!caughtUp()) wantFirst()
    else if (row) row.take()
    else chooseText()
  }

  // Whether the list answers what stands in the field, or the field needs no answer.
  function caughtUp() {
    return ["", state.answered, state.shown.trim()].includes(input.value.trim())
  }

  // Who types fast presses Enter or Tab before the list has caught up: its first term is chosen once it is there, also
  // where the focus has moved on by then. Not so where nothing has the name: what is merely alike is shown first.
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
    state.steered = false
    wantNothing()
    suggest()
  }
  input.onfocus = () => {
    input.select()
    if (input.value === "" && !state.quiet) suggestBefore()
  }
  input.onclick = () => {
    if (input.value === "" && !state.open) suggestBefore()
  }
  input.onblur = leave
  input.onkeydown = event => {
    const last = state.rows.length - 1
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      if (!state.open) suggest()
      else if (last >= 0) {
        const from = event.key === "ArrowUp" && state.active < 0 ? last + 1 : state.active
        const step = event.key === "ArrowDown" ? 1 : -1
        activate((from + step + last + 1) % (last + 1))
        state.steered = true
      }
    } else if (event.key === "Enter") {
      event.preventDefault()
      chooseActive()
    } else if (event.key === "Escape") {
      event.preventDefault()
      if (!state.open) show(valueLabel() || state.data.value)
      close()
    } else if (event.key === "Tab" && !caughtUp()) {
      wantFirst() // and let the focus move on
    } else if (event.key === "Tab" && state.open && state.sure && state.rows[state.active]?.term) {
      choose(state.rows[state.active].term)
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
    state.quiet = true // of itself the list opens for who comes to an empty field, not for who empties it
    input.focus()
    state.quiet = false
  }

  return { update, close }
}
