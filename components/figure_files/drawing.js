// Draws a chart of the page anew as SVG or PNG of a given size.
//
// Text on paper has a size in points. The figure is laid out as on a screen, where its text has 13 px, on an area so
// large that scaling it to the paper makes that text as large as was asked for; lines and points scale with it.

const SCREEN_TEXT = 13
const PX_PER_MM = 96 / 25.4
const PX_PER_PT = 96 / 72
const MOST_VECTOR_POINTS = 20000
const PNG_SCALE = { px: 2, mm: 600 / 96 } // twice the screen's pixels; on paper 600 dots an inch

// `size` is { width, height, unit: "px" | "mm", text } with text in points; null draws it as on the page.
async function draw(chart, format, size, { layout, title, sentence }) {
  const plotly = await library()
  const { width, height } = chart._fullLayout
  const css = size ? { width: inPx(size.width, size.unit), height: inPx(size.height, size.unit) } : { width, height }
  const zoom = size ? (size.text * PX_PER_PT) / SCREEN_TEXT : 1
  const area = { width: css.width / zoom, height: css.height / zoom }
  const figure = {
    data: chart.data.map(vector),
    layout: { ...chart.layout, ...layout, ...area, autosize: false },
  }
  if (size) Object.assign(figure.layout, await fitted(plotly, chart, figure))
  if (format === "png") {
    const scale = zoom * PNG_SCALE[size?.unit ?? "px"]
    const url = await plotly.toImage(figure, { format, scale, ...area })
    return size?.unit === "mm" ? withResolution(url, 600) : url
  }
  const drawn = await plotly.toImage(figure, { format: "svg", ...area })
  const unit = size?.unit ?? "px"
  const shown = size ?? css
  return svgFile(drawn, area, `${shown.width}${unit}`, `${shown.height}${unit}`, title, sentence)
}

function inPx(length, unit) {
  return unit === "mm" ? length * PX_PER_MM : length
}

// WebGL points are pixels even in an SVG: those that an editor can handle become shapes.
function vector(trace) {
  const small = trace.type === "scattergl" && (trace.x?.length ?? trace.x?.shape ?? 0) <= MOST_VECTOR_POINTS
  return small ? { ...trace, type: "scatter" } : trace
}

// What changes with the size. A legend at the foot takes as many lines as the width makes it, and pushes the axis up by as
// much; of names that lie on each other the first stays.
async function fitted(plotly, chart, figure) {
  const place = document.createElement("div")
  place.style.cssText = "position: absolute; left: -99999px; visibility: hidden"
  document.body.append(place)
  try {
    await plotly.newPlot(place, figure.data, figure.layout, { staticPlot: true })
    const margin = { ...chart.layout.margin, b: marginBelow(chart._fullLayout, place._fullLayout) }
    return { margin, annotations: apart(figure.layout.annotations ?? [], place) }
  } finally {
    plotly.purge(place)
    place.remove()
  }
}

function marginBelow(now, then) {
  const below = now.margin.b
  if (!now.legend?._height || now.legend.yref !== "container") return below
  return Math.max(below - now.legend._height, 40) + then.legend._height
}

function apart(annotations, place) {
  const kept = []
  return annotations.filter((_, index) => {
    const box = place.querySelector(`.annotation[data-index="${index}"]`)?.getBoundingClientRect()
    if (!box) return true
    const meets = other =>
      box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom
    if (kept.some(meets)) return false
    kept.push(box)
    return true
  })
}

function svgFile(url, area, width, height, title, sentence) {
  const text = decodeURIComponent(url.slice(url.indexOf(",") + 1))
  const page = new DOMParser().parseFromString(text, "image/svg+xml")
  const root = page.documentElement
  if (root.nodeName !== "svg") throw new Error("the drawing cannot be read")
  root.setAttribute("width", width)
  root.setAttribute("height", height)
  root.setAttribute("viewBox", `0 0 ${area.width} ${area.height}`)
  root.setAttribute("role", "img")
  for (const [name, words] of [["desc", sentence], ["title", title]]) {
    if (!words) continue
    const node = page.createElementNS("http://www.w3.org/2000/svg", name)
    node.textContent = words
    root.prepend(node)
  }
  const file = new Blob([new XMLSerializer().serializeToString(page)], { type: "image/svg+xml" })
  return URL.createObjectURL(file)
}

// Says in the PNG how many dots make an inch, so that it is placed at its size (the chunk pHYs, dots a metre).
function withResolution(url, dotsPerInch) {
  const bytes = Uint8Array.from(atob(url.slice(url.indexOf(",") + 1)), c => c.charCodeAt(0))
  const chunk = new DataView(new ArrayBuffer(21))
  const perMetre = Math.round(dotsPerInch / 0.0254)
  chunk.setUint32(0, 9)
  chunk.setUint32(4, 0x70485973)
  chunk.setUint32(8, perMetre)
  chunk.setUint32(12, perMetre)
  chunk.setUint8(16, 1)
  chunk.setUint32(17, crc32(new Uint8Array(chunk.buffer, 4, 13)))
  const afterHeader = 33
  const parts = [bytes.slice(0, afterHeader), chunk.buffer, bytes.slice(afterHeader)]
  return URL.createObjectURL(new Blob(parts, { type: "image/png" }))
}

function crc32(bytes) {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}

let loading = null

function library() {
  loading ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly)
    const script = document.createElement("script")
    script.src = new URL("api/plotly.min.js", document.baseURI).href
    script.onload = () => resolve(window.Plotly)
    script.onerror = () => {
      loading = null
      reject(new Error("the server does not answer"))
    }
    document.head.append(script)
  })
  return loading
}
