import { bytesOf } from './value.ts'

/** Line from 1 and column from 0, in bytes, as Go counts them. */
export function placeOf(text: string, start: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, start)
  const lineStart = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: bytesOf(before.slice(lineStart)).length }
}
