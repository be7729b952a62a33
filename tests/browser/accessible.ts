// What a screen reader and a keyboard need of every page, read from the drawn document.
import type { Page } from 'playwright-core'

/** One line for each fault: a control without a name, a heading out of order, an id that is there twice. */
export function accessibilityFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = []
    const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)]
    const shown = (element: HTMLElement): boolean =>
      element.closest('[hidden], [aria-hidden=true], [inert]') === null && element.checkVisibility()
    const textOf = (ids: string | null): string =>
      (ids ?? '')
        .split(/\s+/)
        .map((id) => document.getElementById(id)?.textContent ?? '')
        .join('')
    const nameOf = (element: HTMLElement): string => {
      const labels = 'labels' in element ? [...((element.labels as NodeListOf<HTMLElement> | null) ?? [])] : []
      const own = element.matches('input, select, textarea') ? '' : element.textContent
      return [
        element.getAttribute('aria-label') ?? '',
        textOf(element.getAttribute('aria-labelledby')),
        ...labels.map((label) => label.textContent),
        own,
      ]
        .join('')
        .trim()
    }
    const nameless =
      'button, a[href], input, select, textarea, table, nav, [role=img], [role=textbox], [role=tab], [role=dialog]'
    for (const element of all(nameless)) {
      const named = element.matches('table') ? element.querySelector('caption')?.textContent : undefined
      if (shown(element) && nameOf(element) === '' && !named) faults.push(`no name: ${element.outerHTML.slice(0, 120)}`)
    }
    for (const image of all('img'))
      if (shown(image) && !image.hasAttribute('alt')) faults.push(`no alt: ${image.outerHTML.slice(0, 120)}`)
    let level = 0
    for (const heading of all('main h1, main h2, main h3, main h4').filter(shown)) {
      const next = Number(heading.tagName[1])
      if (next > level + 1) faults.push(`h${next} after h${level}: ${heading.textContent}`)
      level = next
    }
    for (const [selector, count] of [
      ['main', 1],
      ['h1', 1],
    ] as const)
      if (all(selector).filter(shown).length !== count) faults.push(`${selector}: ${all(selector).length} of them`)
    const ids = all('[id]').map(({ id }) => id)
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`twice: id ${id}`)
    for (const element of all('[tabindex]'))
      if (element.tabIndex > 0) faults.push(`tabindex ${element.tabIndex}: ${element.outerHTML.slice(0, 120)}`)
    if (document.documentElement.lang === '') faults.push('the document has no language')
    if (document.title === '') faults.push('the document has no title')
    return faults
  })
}
