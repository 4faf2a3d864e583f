// Elements are made here and nowhere else: data becomes text nodes and attributes, never markup.

const SVG = 'http://www.w3.org/2000/svg';

// el makes an element. Properties are attributes, but `on` is an object of listeners. Children are
// elements or text; null is left out.
export function el(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

// svg makes an element of a picture.
export function svg(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props || {})) {
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (value === true) {
      node.setAttribute(name, '');
    } else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(name, String(value));
    }
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined) node.append(child);
  }
  return node;
}

// prose is text in which `this` is something to type.
export function prose(text) {
  return text.split('`').map((part, i) => (i % 2 ? el('code', {}, part) : part));
}

// breakable is a long name that may go on in the next line after each of its parts.
export function breakable(text) {
  const parts = text.split(/(?<=[_/.@:-])/);
  return parts.flatMap((part, i) => (i ? [el('wbr'), part] : [part]));
}

// say tells who listens to the page what has changed.
export function say(text) {
  document.getElementById('said').textContent = text;
}
