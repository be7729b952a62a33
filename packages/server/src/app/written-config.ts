// An alertmanager.yml as it is shown: what was written, with secrets concealed. Without the defaults, since an amtool that is older than some of
// them could not read it.
import { parse, stringify } from 'yaml'

const forms = { version: '1.1', merge: true } as const

/** Of the effective configuration, in which secrets are concealed, the keys that the file has. */
export function writtenConfig(text: string, effective: string): string {
  return stringify(writtenPart(parse(effective, forms), parse(text, forms)), { lineWidth: 0 })
}

function writtenPart(effective: unknown, written: unknown): unknown {
  if (Array.isArray(effective)) {
    if (!Array.isArray(written) || written.length !== effective.length) return effective
    return effective.map((item, i) => writtenPart(item, written[i]))
  }
  if (!isMapping(effective) || !isMapping(written)) return effective
  return Object.fromEntries(
    Object.entries(effective)
      .filter(([key]) => Object.hasOwn(written, key))
      .map(([key, value]) => [key, writtenPart(value, written[key])]),
  )
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
