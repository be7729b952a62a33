// Small words in which the stand-ins say what their vendors refuse.
import type { SeenRequest, StandInAnswer } from './stand-in.ts'

export type Fields = Readonly<Record<string, unknown>>

/** Thrown by a check; the vendor's own form of an error is made of it. */
export class Refused extends Error {}

export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Refused(what)
}

export function json(request: SeenRequest): Fields {
  must(request.headers['content-type']?.split(';')[0] === 'application/json', 'content-type is not application/json')
  let value: unknown
  try {
    value = JSON.parse(request.body)
  } catch {
    throw new Refused('the body is no JSON')
  }
  return fields(value, 'body')
}

export function form(request: SeenRequest): Record<string, string> {
  must(
    request.headers['content-type'] === 'application/x-www-form-urlencoded',
    'content-type is not application/x-www-form-urlencoded',
  )
  return Object.fromEntries(new URLSearchParams(request.body))
}

export function fields(value: unknown, name: string): Fields {
  must(typeof value === 'object' && value !== null && !Array.isArray(value), `${name} is not an object`)
  return value as Fields
}

export function list(value: unknown, name: string): readonly unknown[] {
  must(Array.isArray(value), `${name} is not a list`)
  return value
}

export function text(value: unknown, name: string, { least = 1, most = Number.POSITIVE_INFINITY } = {}): string {
  must(typeof value === 'string', `${name} is not text`)
  const length = [...value].length
  must(length >= least, `${name} is too short`)
  must(length <= most, `${name} is longer than ${most}`)
  return value
}

export function known(value: Fields, names: readonly string[], where: string): void {
  for (const name of Object.keys(value)) must(names.includes(name), `${where} has no field ${name}`)
}

export function url(value: unknown, name: string): void {
  must(typeof value === 'string' && /^https?:$/.test(URL.parse(value)?.protocol ?? ''), `${name} is not a URL`)
}

/** Runs checks and turns a refusal into the vendor's answer. */
export function answering(checks: () => StandInAnswer, refusal: (why: string) => StandInAnswer): StandInAnswer {
  try {
    return checks()
  } catch (error) {
    if (error instanceof Refused) return refusal(error.message)
    throw error
  }
}

export const jsonAnswer = (status: number, body: unknown): StandInAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
})
