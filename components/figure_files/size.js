// The dialog in which the size of SVG and PNG files is chosen. What is chosen holds for all figures of the page.

const KEPT = "synthome-figure-size"
const PRESETS = {
  page: { label: "As on the page" },
  column: { label: "One column, 85 mm", width: 85, unit: "mm", text: 7 },
  columns: { label: "Two columns, 174 mm", width: 174, unit: "mm", text: 8 },
  slide: { label: "Slide, 16:9", width: 1280, height: 720, unit: "px", text: 14 },
  own: { label: "My own size" },
}
const LIMITS = { mm: [30, 1000], px: [150, 6000], text: [4, 40] }
const ASPECT = 0.75
const SMALLEST_ROW = 13 // pixels that a named row of a heatmap needs

function keptSize() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT))
    return kept?.preset in PRESETS ? kept : { preset: "page" }
  } catch {
    return { preset: "page" }
  }
}

function keepSize(chosen) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(chosen))
  } catch {
    // A browser that keeps nothing asks again.
  }
}

// The size for that chart: { width, height, unit, text }, or null for that of the page.
function sizeFor(chosen, chart) {
  if (chosen.preset === "page") return null
  const { width, unit, text } = chosen.preset === "own" ? chosen : PRESETS[chosen.preset]
  const height = chosen.height ?? PRESETS[chosen.preset].height ?? suitedHeight(chart, { width, unit, text })
  return { width, height, unit, text }
}

// Three quarters of the width; more where the rows of a heatmap are named, up to what it has on the page.
function suitedHeight(chart, { width, unit, text }) {
  const full = chart._fullLayout
  const [first, last] = chart._fullData.some(trace => trace.type === "heatmap") ? full.yaxis.range : [0, 0]
  const rows = Math.round(Math.abs(last - first))
  const around = full.height - (full._size?.h ?? 0) + 100
  const zoom = (text * PX_PER_PT) / SCREEN_TEXT
  const needed = rows > 15 ? Math.min(rows * SMALLEST_ROW + around, full.height) * zoom : 0
  return Math.round(Math.max(width * ASPECT, unit === "mm" ? needed / PX_PER_MM : needed))
}

function sizeDialog(findChart, onChange) {
  const dialog = document.createElement("dialog")
  dialog.setAttribute("aria-labelledby", "size-heading")
  dialog.innerHTML = `
    <form method="dialog" novalidate>
      <h2 id="size-heading">Size of SVG and PNG</h2>
      <label class="wide">Preset <select name="preset">${Object.entries(PRESETS)
        .map(([value, { label }]) => `<option value="${value}">${label}</option>`)
        .join("")}</select></label>
      <label>Width <input name="width" type="number" step="any" inputmode="decimal"></label>
      <label>Height <input name="height" type="number" step="any" inputmode="decimal"></label>
      <label>Unit <select name="unit"><option value="mm">mm</option><option value="px">px</option></select></label>
      <label>Text, pt <input name="text" type="number" step="any" inputmode="decimal"></label>
      <p class="fault" role="alert"></p>
      <p class="note">PNG files have twice the pixels; in mm, 600 dots an inch. The HTML file fits its window.</p>
      <div class="ends"><button type="button" value="cancel">Cancel</button><button type="submit">Use</button></div>
    </form>`
  const form = dialog.querySelector("form")
  const fields = form.elements
  const fault = dialog.querySelector(".fault")

  const show = chosen => {
    const chart = findChart()
    const size = sizeFor(chosen, chart) ?? pageSize(chart)
    fields.preset.value = chosen.preset
    for (const name of ["width", "height", "unit", "text"]) fields[name].value = size[name]
    fault.textContent = ""
  }
  fields.preset.onchange = () => {
    const preset = fields.preset.value
    if (preset !== "own") show({ preset })
  }
  for (const name of ["width", "height", "text"]) {
    fields[name].oninput = () => {
      fields.preset.value = "own"
    }
  }
  fields.unit.onchange = () => {
    fields.preset.value = "own"
    const factor = fields.unit.value === "mm" ? 1 / PX_PER_MM : PX_PER_MM
    for (const name of ["width", "height"]) {
      fields[name].value = +(fields[name].value * factor).toFixed(fields.unit.value === "mm" ? 1 : 0)
    }
  }
  form.onsubmit = event => {
    event.preventDefault()
    const preset = fields.preset.value
    const own = readSize(fields)
    fault.textContent = preset === "own" ? (own.fault ?? "") : ""
    if (fault.textContent) return fields[own.field].focus()
    const chosen = preset === "own" ? { preset, ...own } : { preset }
    keepSize(chosen)
    onChange(chosen)
    dialog.close()
  }
  dialog.querySelector("[value=cancel]").onclick = () => dialog.close()
  dialog.onclick = event => {
    if (event.target === dialog) dialog.close() // beside it
  }
  return {
    dialog,
    open: () => {
      show(keptSize())
      dialog.showModal()
    },
  }
}

function pageSize(chart) {
  const { width, height } = chart._fullLayout
  return { width: Math.round(width), height: Math.round(height), unit: "px", text: 9.75 }
}

function readSize(fields) {
  const unit = fields.unit.value
  const size = { unit }
  for (const [field, words] of [["width", "The width"], ["height", "The height"], ["text", "The text"]]) {
    const value = Number(fields[field].value)
    const [least, most] = LIMITS[field === "text" ? "text" : unit]
    if (!fields[field].value || !(value >= least && value <= most)) {
      const named = field === "text" ? "pt" : unit
      return { field, fault: `${words} is a number from ${least} to ${most} ${named}.` }
    }
    size[field] = value
  }
  return size
}

function sizeWords(chosen, chart) {
  const size = sizeFor(chosen, chart)
  if (!size) return "Size…"
  return `Size: ${+size.width.toFixed(1)} × ${+size.height.toFixed(1)} ${size.unit}`
}
