// The paths of `| json x="a.b[0]["c d"]"`.
import type { PathStep } from './json-scan.ts'

const namePattern = /^[\p{L}_][\p{L}\p{N}_-]*/u
const indexPattern = /^\[\s*(?:(\d+)|"((?:[^"\\]|\\.)*)")\s*\]/

/** The steps of a path, or what is wrong with it. */
export function parseJsonPath(text: string): readonly PathStep[] | { readonly fault: string } {
  const steps: PathStep[] = []
  let rest = text.trim()
  if (rest === '') return { fault: 'the path is empty' }
  while (rest !== '') {
    const index = indexPattern.exec(rest)
    if (index !== null) {
      const [whole, place, name = ''] = index
      steps.push(place === undefined ? name.replaceAll(/\\(.)/gs, '$1') : Number(place))
      rest = rest.slice(whole.length)
      continue
    }
    if (steps.length > 0) {
      if (rest[0] !== '.') return { fault: `expected . or [ before ${JSON.stringify(rest)}` }
      rest = rest.slice(1)
    }
    const name = namePattern.exec(rest)
    if (name === null) return { fault: `expected a field's name before ${JSON.stringify(rest)}` }
    steps.push(name[0])
    rest = rest.slice(name[0].length)
  }
  return steps
}
