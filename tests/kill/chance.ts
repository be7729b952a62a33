/** Mulberry32: numbers from 0 to 1, the same for the same seed. */
export function chanceOf(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** How many kills a test makes: so few in every run of all tests, TIDEWATCH_KILLS where a night is there for it. */
export function killsOfRun(usual: number): number {
  return Number(process.env.TIDEWATCH_KILLS ?? usual)
}

/** The seed of this run: TIDEWATCH_KILL_SEED to repeat one. It is printed, since a failure is only worth what can be repeated of it. */
export function seedOfRun(): number {
  const seed = Number(process.env.TIDEWATCH_KILL_SEED ?? Date.now() % 0x7fff_ffff)
  console.log(`TIDEWATCH_KILL_SEED=${seed}`)
  return seed
}
