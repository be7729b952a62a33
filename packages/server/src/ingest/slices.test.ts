import { expect, it } from 'vitest'
import { inSlices } from './slices.ts'

/** Each step takes a millisecond. */
function harness() {
  const ended: string[] = []
  let nowMs = 0
  const clock = { monotonicMs: () => nowMs }
  function* steps(count: number): Generator<void> {
    for (let i = 0; i < count; i++) {
      nowMs++
      yield
    }
  }
  const run = async (name: string, ms: number, signal = new AbortController().signal): Promise<void> => {
    try {
      await inSlices(steps(ms), { clock, signal })
      ended.push(name)
    } catch {
      ended.push(`${name} cancelled`)
    }
  }
  return { ended, run }
}

it('of long work one ends after the other, and short work waits for none', async () => {
  const { ended, run } = harness()
  const long = [run('first', 50), run('second', 50)]
  await run('short', 5)
  expect(ended).toEqual(['short'])
  await Promise.all(long)
  expect(ended).toEqual(['short', 'first', 'second'])
})

it('what takes very long gives its turn away', async () => {
  const { ended, run } = harness()
  await Promise.all([run('very long', 500), run('long', 50), run('long, too', 50)])
  expect(ended).toEqual(['long', 'long, too', 'very long'])
})

it('a sender who went away while he waited, or at work, does not keep the turn', async () => {
  const { ended, run } = harness()
  const gone = new AbortController()
  const all = [run('at work', 50, gone.signal), run('waiting', 50, gone.signal), run('last', 50)]
  gone.abort()
  await Promise.all(all)
  expect(ended).toEqual(['at work cancelled', 'waiting cancelled', 'last'])
})
