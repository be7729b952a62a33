import { expect, it } from 'vitest'
import { renderConfig } from './config.ts'
import { asCannotStart } from './open.ts'
import { parseOptions } from './options.ts'

const needed = ['--dir', '/d', '--body-dir', '/d/bodies', '--socket', '/d/socket']

it('has defaults for all but the places', () => {
  expect(parseOptions(needed)).toEqual({
    dir: '/d',
    bodyDir: '/d/bodies',
    socketPath: '/d/socket',
    database: 'tidewatch',
    sessions: 3,
    memoryBytes: 2_000_000_000,
    lockWaitMs: 15_000,
    stopWaitMs: 3000,
  })
})

it.each([
  [[...needed, '--dir', 'd'], '--dir needs an absolute path'],
  [[...needed, '--sessions', '0'], '--sessions 0 is not a whole number from 1 to 64'],
  [[...needed, '--socket', `/${'x'.repeat(107)}`], '--socket is longer than 107 bytes'],
  [[...needed, '--body-dir', '/a{b}'], '--body-dir has a glob character: /a{b}'],
  [[...needed, '--database', 'a`b'], '--database is not a plain name: a`b'],
])('refuses %j', (args, text) => {
  expect(() => parseOptions(args)).toThrow(text)
})

it('bounds memory, caches and background threads in the configuration', () => {
  const config = renderConfig(parseOptions([...needed, '--memory-bytes', '1000000000']))
  expect(config).toMatch(/<max_server_memory_usage>1000000000<\/max_server_memory_usage>/)
  expect(config).toMatch(/<mark_cache_size>33554432<\/mark_cache_size>/)
  expect(config).toMatch(/<background_pool_size>2<\/background_pool_size>/)
})

it.each([
  [Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }), 'disk_full'],
  [Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' }), 'read_only'],
  [Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }), 'read_only'],
  [new Error('Code: 243. DB::Exception: Cannot reserve 1.00 MiB. (NOT_ENOUGH_SPACE)'), 'disk_full'],
  [new Error('Failed to create connection'), 'damaged'],
])('names %s as %s', (caught, reason) => {
  expect(asCannotStart(caught).reason).toBe(reason)
})
