import { expect, it } from 'vitest'
import { exceptionAtEnd, readException } from './exception.ts'

const said = (text: string) => {
  const exception = readException(text)
  return exception && { code: exception.code, message: exception.message }
}

it.each([
  [
    'Code: 47. DB::Exception: Unknown expression identifier `nope` in scope SELECT nope. (UNKNOWN_IDENTIFIER) (version 26.7.2.1 (official build))\n',
    { code: 47, message: 'Unknown expression identifier `nope` in scope SELECT nope.' },
  ],
  [
    'Code: 279. DB::Exception: All attempts failed: Code: 57. DB::Exception: Table a exists (2). (TABLE_ALREADY_EXISTS) (version 25). (ALL_CONNECTION_TRIES_FAILED) (version 25)',
    { code: 279, message: 'Table a exists (2).' },
  ],
  ['Code: 1001. std::exception. Code: 1001, type: x, DB::Exception: cut', { code: 1001, message: 'cut' }],
  ['<html>502 Bad Gateway</html>', undefined],
  ['Exception: of somebody else', undefined],
])('reads %j', (text, expected) => {
  expect(said(text)).toEqual(expected)
})

it('takes a text of many brackets in its stride', () => {
  expect(said(`Code: 62. DB::Exception: ${'(A_'.repeat(20_000)}`)?.code).toBe(62)
})

it('finds the exception at the end of an answer, and none in rows', () => {
  const block =
    '\r\n__exception__\r\nabcdefgh\r\nCode: 241. DB::Exception: memory. (MEMORY_LIMIT_EXCEEDED)\n51 abcdefgh\r\n__exception__\r\n'
  expect(exceptionAtEnd(Buffer.from(`{"n":1}\n${block}`))?.code).toBe(241)
  expect(exceptionAtEnd(Buffer.from('{"n":"Code: 241. DB::Exception: memory. (X)"}\n'))).toBeUndefined()
})
