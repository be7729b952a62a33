import { AppError } from '@tidewatch/core/error.ts'
import { defaultProject, type ProjectId } from '@tidewatch/core/matcher.ts'
import { expect, it } from 'vitest'
import type { Authenticator, Identity } from '../http/port.ts'
import { admitting } from './http-listeners.ts'

const keyed: Identity = {
  ...{ kind: 'token', name: 'token:known', permissions: new Set(['public', 'view']) },
  ...{ projects: 'all', project: defaultProject },
}
const keys: Authenticator = {
  identify: async ({ headers }) =>
    headers.authorization === 'Bearer known' ? keyed : new AppError('access.bad_credentials', 'not known'),
}
const project = 3 as ProjectId
const { identify } = admitting({ kind: 'elasticsearch' }, { networks: ['10.0.0.0/8'], project }, keys)
const request = { headers: {}, url: '/_bulk', remoteAddress: '10.1.2.3', crossOrigin: false }

it('lets those of its networks bring data without a key, or with a password that is none', async () => {
  for (const headers of [{}, { authorization: 'Basic ZWxhc3RpYzpjaGFuZ2VtZQ==' }]) {
    const guest = await identify({ ...request, headers })
    expect(guest).toMatchObject({ project, projects: new Set(), permissions: new Set(['public', 'ingest']) })
  }
})

it('knows who names a key, wherever they are', async () => {
  const headers = { authorization: 'Bearer known' }
  expect(await identify({ ...request, headers })).toBe(keyed)
  expect(await identify({ ...request, headers, remoteAddress: '192.0.2.1' })).toBe(keyed)
})

it('refuses others, and what a browser sends for another page', async () => {
  expect(await identify({ ...request, remoteAddress: '192.0.2.1' })).toBeInstanceOf(AppError)
  expect(await identify({ ...request, crossOrigin: true })).toBeInstanceOf(AppError)
})
