import { expect, it } from 'vitest'
import { failureOf } from './client.ts'

const response = (status: number, headers: Record<string, string> = {}) => new Response('', { status, headers })

it('tells what, where and the way out of our own errors', () => {
  const body = {
    error: {
      code: 'http.invalid',
      message: 'The name is taken',
      where: { key: 'name' },
      fix: 'Choose another name',
      requestId: 'r1',
    },
  }
  const failure = failureOf(response(409), JSON.stringify(body))
  expect(failure.problem).toEqual({
    what: 'The name is taken',
    where: 'name',
    fix: 'Choose another name',
    requestId: 'r1',
  })
  expect([failure.kind, failure.retryable]).toEqual(['refused', false])
})

it("keeps Prometheus's words and the request's id", () => {
  const body =
    '{"status":"error","errorType":"bad_data","error":"invalid parameter \\"query\\": 1:5: parse error: unexpected end of input"}'
  const failure = failureOf(response(400, { 'x-request-id': 'r2' }), body)
  expect(failure.problem).toEqual({
    what: '1:5: parse error: unexpected end of input',
    fix: undefined,
    requestId: 'r2',
  })
})

it('says what a proxy answered where nothing can be read', () => {
  const failure = failureOf(response(502), '<html>')
  expect([failure.problem.what, failure.kind, failure.retryable]).toEqual(['The server answers 502', 'busy', true])
})

it('knows that nobody is signed in', () => {
  expect(failureOf(response(401), '').kind).toBe('signed_out')
})
