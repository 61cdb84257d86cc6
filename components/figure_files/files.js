// Buttons that save a Plotly chart of this page. The chart's own data are used; its colours become those of paper.

const FORMATS = [
  { format: "svg", label: "SVG", title: "Vector graphics, for papers and posters" },
  { format: "png", label: "PNG", title: "Pixels, twice as many as on the screen, for slides" },
]

export default function (component) {
  const { parentElement, data } = component
  const root = parentElement.querySelector(".files")
  root.shown = data
  if (root.childElementCount) return // drawn already: a rerun of the page closes no dialog
  const findChart = () => {
    const chart = document.querySelector(`.st-key-${CSS.escape(root.shown.chart)} .js-plotly-plot`)
    if (!chart?._fullLayout) throw new Error("its figure is not on the page")
    return chart
  }
  const said = document.createElement("span")
  said.className = "said"
  said.setAttribute("role", "status")
  root.replaceChildren(...FORMATS.map(format => saveButton(format, root, findChart, said)), ...sizing(findChart, said), said)
}

function sizing(findChart, said) {
  const node = document.createElement("button")
  node.type = "button"
  node.className = "size"
  node.title = "Width, height and text of the SVG and PNG files"
  node.setAttribute("aria-haspopup", "dialog")
  const tell = chosen => {
    try {
      node.textContent = sizeWords(chosen, findChart())
    } catch {
      node.textContent = "Size…"
    }
  }
  const { dialog, open } = sizeDialog(findChart, tell)
  node.onclick = () => {
    said.textContent = ""
    try {
      open()
    } catch (error) {
      said.textContent = `The size cannot be chosen: ${error.message}`
    }
  }
  dialog.onclose = () => node.focus()
  tell(keptSize())
  return [node, dialog]
}

function saveButton({ format, label, title }, root, findChart, said) {
  const node = document.createElement("button")
  node.type = "button"
  node.textContent = label
  node.title = title
  node.onclick = async () => {
    node.disabled = true
    said.textContent = ""
    try {
      const chart = findChart()
      const link = document.createElement("a")
      link.href = await draw(chart, format, sizeFor(keptSize(), chart), root.shown)
      link.download = `${root.shown.fileName}.${format}`
      link.click()
      if (link.href.startsWith("blob:")) setTimeout(() => URL.revokeObjectURL(link.href), 60000)
    } catch (error) {
      said.textContent = `The ${label} file could not be made: ${error.message}`
    } finally {
      node.disabled = false
    }
  }
  return node
}
