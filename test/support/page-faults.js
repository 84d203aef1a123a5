/**
 * What is wrong with the page as it is laid out on this screen, each fault in words: text or boxes that leave the screen,
 * text whose contrast with what lies behind it is below 4.5 (WCAG 2.2, 1.4.3), computed from the styles that apply.
 * Run inside a browser, as text; its value is a list.
 */
(() => {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) faults.push(`the page is ${root.scrollWidth} wide on ${innerWidth}`);

  for (const text of texts()) {
    const element = text.parentElement;
    const range = document.createRange();
    range.selectNodeContents(text);
    const boxes = [...range.getClientRects()].filter(({ width, height }) => width > 1 && height > 1);
    if (boxes.length === 0) continue;
    const shown = JSON.stringify(text.data.trim().slice(0, 40));
    for (const { left, right } of boxes) {
      if (left < -0.5 || right > innerWidth + 0.5) faults.push(`${shown} spans ${left} to ${right}`);
    }
    const box = element.closest('td, a, p')?.getBoundingClientRect();
    if (box && boxes.some(({ left, right }) => left < box.left - 0.5 || right > box.right + 0.5)) {
      faults.push(`${shown} leaves its box`);
    }
    const ratio = contrast(colourOf(getComputedStyle(element).color), backgroundOf(element));
    if (ratio < 4.5) faults.push(`${shown} has a contrast of ${ratio.toFixed(2)}`);
  }
  return faults;

  /** Every text that is shown. */
  function* texts() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { parentElement, data } = walker.currentNode;
      const hidden = ['STYLE', 'SCRIPT', 'TITLE', 'NOSCRIPT'].includes(parentElement.tagName);
      if (hidden || data.trim() === '' || !isSeen(parentElement)) continue;
      yield walker.currentNode;
    }
  }

  function isSeen(element) {
    return element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  }

  /** The colour behind an element: those of its ancestors, one above the other, on the canvas of the browser. */
  function backgroundOf(element) {
    const layers = [];
    for (let each = element; each !== null; each = each.parentElement) {
      const style = getComputedStyle(each);
      if (style.backgroundImage !== 'none') faults.push(`a picture lies behind ${each.tagName}`);
      const colour = colourOf(style.backgroundColor);
      layers.push(colour);
      if (colour.a === 1) break;
    }
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    const canvas = dark ? { r: 18, g: 18, b: 18, a: 1 } : { r: 255, g: 255, b: 255, a: 1 };
    return layers.reduceRight(over, canvas);
  }

  function over(below, above) {
    const mix = (name) => above[name] * above.a + below[name] * (1 - above.a);
    return { r: mix('r'), g: mix('g'), b: mix('b'), a: 1 };
  }

  function colourOf(value) {
    const numbers = value.match(/[\d.]+/g).map(Number);
    if (!value.startsWith('rgb')) throw new Error(`Not a colour that is understood here: ${value}`);
    const [r, g, b, a = 1] = numbers;
    return { r, g, b, a };
  }

  function contrast(text, behind) {
    const [a, b] = [luminance(over(behind, text)), luminance(behind)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  }

  function luminance({ r, g, b }) {
    const [red, green, blue] = [r, g, b].map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
})();
