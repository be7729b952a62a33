// Values within URLs.
import { bytesOf, type Value } from '../value.ts'
import { refused } from './escape-markup.ts'
import { contentOf } from './plain-text.ts'

/** Whether nothing but a page or a mail is opened by it; other schemes may run code. */
function isSafe(url: string): boolean {
  const colon = url.indexOf(':')
  if (colon < 0 || url.slice(0, colon).includes('/')) return true
  return /^(?:https?|mailto)$/i.test(url.slice(0, colon))
}

/** The beginning of a URL: its scheme must be safe. */
export function filterUrl(args: readonly Value[]): string {
  const { text, type } = contentOf(args)
  return type === 'template.URL' || isSafe(text) ? text : `#${refused}`
}

const percent = (text: string): string =>
  Array.from(bytesOf(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

const normalize = (url: string): string =>
  url.replace(/%(?![0-9a-fA-F]{2})|[^!#$&*+,/:;=?@[\]\-._~%a-zA-Z0-9]+/g, percent)

/** A part of a URL: what may stand in URLs is left alone. */
export function normalizeUrl(args: readonly Value[]): string {
  return normalize(contentOf(args).text)
}

/** A value in a query. */
export function escapeUrl(args: readonly Value[]): string {
  const { text, type } = contentOf(args)
  return type === 'template.URL' ? normalize(text) : text.replace(/[^\-._~a-zA-Z0-9]+/g, percent)
}

/** Addresses of pictures with their sizes, separated by commas. */
export function filterSrcset(args: readonly Value[]): string {
  const { text, type } = contentOf(args)
  if (type === 'template.Srcset') return text
  if (type === 'template.URL') return normalize(text).replaceAll(',', '%2c')
  return text.split(',').map(source).join(',')
}

function source(text: string): string {
  const [, before = '', url = '', sizes = ''] = /^([\t\n\f\r ]*)([^\t\n\f\r ]*)([\s\S]*)$/.exec(text) ?? []
  return isSafe(url) && /^[\t\n\f\r 0-9A-Za-z]*$/.test(sizes) ? before + normalize(url) + sizes : `#${refused}`
}
