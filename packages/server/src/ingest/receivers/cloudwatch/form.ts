// AWS's Query protocol: a form whose keys are paths, such as MetricData.member.1.Dimensions.member.2.Name.
import { AppError } from '@tidewatch/core/error.ts'

const maxKeys = 100_000
const maxDepth = 10
/** Members may be numbered with gaps, not from a million on. */
const maxMember = 10_000

export interface FormTree {
  readonly [key: string]: string | FormTree | readonly (string | FormTree)[] | undefined
}

type Branch = Map<string, string | Branch>

/** Objects by the keys' parts, lists where a part is `member`. Throws `ingest.bad_body`. */
export function readForm(text: string): FormTree {
  const root: Branch = new Map()
  let keys = 0
  for (const [key, value] of new URLSearchParams(text)) {
    if (++keys > maxKeys) throw bad(`the form has more than ${maxKeys} keys.`)
    put(root, key.split('.'), value)
  }
  return objectOf(root)
}

function put(root: Branch, path: readonly string[], value: string): void {
  if (path.length > maxDepth) throw bad(`a key has more than ${maxDepth} parts.`)
  let branch = root
  for (const part of path.slice(0, -1)) {
    let next = branch.get(part)
    if (next === undefined) {
      next = new Map()
      branch.set(part, next)
    }
    if (typeof next === 'string') throw bad(`${path.join('.')} stands below a key that has a value.`)
    branch = next
  }
  branch.set(path.at(-1) ?? '', value)
}

function objectOf(branch: Branch): FormTree {
  const object: Record<string, FormTree[string]> = Object.create(null)
  for (const [key, value] of branch) object[key] = typeof value === 'string' ? value : treeOf(value)
  return object
}

function treeOf(branch: Branch): FormTree | readonly (string | FormTree)[] {
  const members = branch.get('member')
  if (branch.size !== 1 || members === undefined || typeof members === 'string') return objectOf(branch)
  return [...members]
    .map(([number, value]): [number, string | Branch] => [memberNumber(number), value])
    .sort(([a], [b]) => a - b)
    .map(([, value]) => (typeof value === 'string' ? value : objectOf(value)))
}

function memberNumber(text: string): number {
  const number = Number(text)
  if (/^\d{1,6}$/.test(text) && number <= maxMember) return number
  throw bad(`member.${text.slice(0, 20)} is no number of a member.`)
}

const bad = (message: string): AppError =>
  new AppError('ingest.bad_body', message, { fix: 'Send PutMetricData as a form: MetricData.member.1.MetricName=...' })
