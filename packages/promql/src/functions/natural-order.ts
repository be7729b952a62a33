import { compareUtf8 } from '@tidewatch/core/labels.ts'

const chunkPattern = /\d+|\D+/g

/** Orders texts as people do: runs of digits by their number, so `node2` comes before `node10`. */
export function compareNatural(a: string, b: string): number {
  if (a === b) return 0
  const left = a.match(chunkPattern) ?? []
  const right = b.match(chunkPattern) ?? []
  for (let i = 0; i < left.length && i < right.length; i++) {
    const [x, y] = [left[i] as string, right[i] as string]
    const order = isNumeric(x) && isNumeric(y) ? Math.sign(Number(x) - Number(y)) : compareUtf8(x, y)
    if (order !== 0) return order
  }
  return left.length - right.length || compareUtf8(a, b)
}

function isNumeric(chunk: string): boolean {
  const first = chunk.charCodeAt(0)
  return first >= 48 && first <= 57
}
