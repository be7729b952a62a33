import { expect, it } from 'vitest'
import { EngineException, statusOf } from './exception.ts'

it('reads what the library reports', () => {
  const text = "Code: 60. DB::Exception: Table `t` (of 'x') does not exist. Maybe you meant u?. (UNKNOWN_TABLE)"
  const exception = EngineException.fromText(text)
  expect(exception).toMatchObject({ exceptionCode: 60, exceptionName: 'UNKNOWN_TABLE', message: text })
  expect(statusOf(exception)).toBe(404)
})

it('takes anything else for a fault of its own', () => {
  const exception = EngineException.from(new TypeError('x is undefined'))
  expect(exception.message).toBe('Code: 49. DB::Exception: x is undefined. (LOGICAL_ERROR)')
  expect(statusOf(exception)).toBe(500)
})

it.each([
  [62, 'SYNTAX_ERROR', 400],
  [81, 'UNKNOWN_DATABASE', 404],
  [159, 'TIMEOUT_EXCEEDED', 408],
  [48, 'NOT_IMPLEMENTED', 501],
  [241, 'MEMORY_LIMIT_EXCEEDED', 500],
])('answers code %d with the status a ClickHouse server has', (code, name, status) => {
  expect(statusOf(new EngineException(code, name, 'text'))).toBe(status)
})
