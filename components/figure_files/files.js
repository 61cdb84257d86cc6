// Saves a Plotly chart of this page as SVG or PNG. The chart's own data are used; its colours become those of paper.

const FORMATS = [
  { format: "svg", label: "SVG", title: "Vector graphics, for papers and posters", scale: 1 },
  { format: "png", label: "PNG", title: "Pixels at twice the screen's size, for slides", scale: 2 },
]
let loading = null

export default function (component) {
  const { parentElement, data } = component
  const root = parentElement.querySelector(".files")
  const said = document.createElement("span")
  said.className = "said"
  said.setAttribute("role", "status")
  root.replaceChildren(...FORMATS.map(format => button(format, data, said)), said)
}

function button({ format, label, title, scale }, data, said) {
  const node = document.createElement("button")
  node.type = "button"
  node.textContent = label
  node.title = title
  node.onclick = async () => {
    node.disabled = true
    said.textContent = ""
    try {
      await save(format, scale, data)
    } catch (error) {
      said.textContent = `The ${label} file could not be made: ${error.message}`
    } finally {
      node.disabled = false
    }
  }
  return node
}

async function save(format, scale, data) {
  const chart = document.querySelector(`.st-key-${CSS.escape(data.chart)} .js-plotly-plot`)
  if (!chart) throw new Error("its figure is not on the page")
  const plotly = await library()
  const { width, height } = chart._fullLayout
  const figure = { data: chart.data, layout: { ...chart.layout, ...data.layout, width, height } }
  const url = await plotly.toImage(figure, { format, scale, width, height })
  const link = document.createElement("a")
  link.href = url
  link.download = `${data.fileName}.${format}`
  link.click()
}

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
