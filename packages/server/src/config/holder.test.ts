import { expect, it } from 'vitest'
import { ConfigHolder, type ReloadResult } from './holder.ts'
import type { LoadedConfig, Parsed } from './port.ts'

const config = (name: string): LoadedConfig<string, never> => ({
  prometheus: name,
  effectivePrometheus: '',
  alertmanager: undefined,
  rules: [],
  sections: new Map(),
  files: [],
  notices: [],
})

function setup(next: () => Parsed<LoadedConfig<string, never>>) {
  const told: ReloadResult[] = []
  const holder = new ConfigHolder(config('first'), {
    load: next,
    nowMs: () => 1000,
    onReload: (result) => told.push(result),
  })
  return { holder, told }
}

it('hands a configuration to its followers in their order, now and after a reload', async () => {
  const seen: string[] = []
  const { holder } = setup(() => ({ ok: true, value: config('second') }))
  await holder.follow({ apply: async ({ prometheus }) => void seen.push(`a ${prometheus}`) })
  await holder.follow({ apply: async ({ prometheus }) => void seen.push(`b ${prometheus}`) })
  expect(await holder.reload()).toEqual({ ok: true, problems: [] })
  expect(seen).toEqual(['a first', 'b first', 'a second', 'b second'])
  expect(holder.current.prometheus).toBe('second')
})

it('keeps the old configuration where the new one is broken, and says so', async () => {
  const seen: string[] = []
  const problem = { message: 'no', where: {} }
  const { holder, told } = setup(() => ({ ok: false, problems: [problem] }))
  await holder.follow({ apply: async ({ prometheus }) => void seen.push(prometheus) })
  expect(await holder.reload()).toEqual({ ok: false, problems: [problem] })
  expect(seen).toEqual(['first'])
  expect(holder.current.prometheus).toBe('first')
  expect(told).toEqual([{ ok: false, problems: [problem] }])
  expect(holder.lastReload.result.ok).toBe(false)
})

it('takes a file that cannot be read for a broken configuration, and calls that come together for one', async () => {
  let calls = 0
  const { holder } = setup(() => {
    calls++
    throw new Error('gone')
  })
  const both = await Promise.all([holder.reload(), holder.reload()])
  expect(both.map(({ problems }) => problems[0]?.message)).toEqual(['gone', 'gone'])
  expect(calls).toBe(1)
})
