// Bounds of exponential buckets, to the bit as Prometheus has them: its table of 256 (model/histogram/generic.go) holds products of square roots of 2,
// up to four units in the last place away from the doubles that are nearest. Not by `**`, whose last bits differ between versions of V8.

const finestSchema = 8

/** 2^(1/2), 2^(1/4) ... */
const roots = new Float64Array(finestSchema)
let root = 2
for (let k = 0; k < finestSchema; k++) {
  root = Math.sqrt(root)
  roots[k] = root
}

/** From 1 to below 2, by the place among 256. */
const fractions = Float64Array.from({ length: 2 ** finestSchema }, (_, place) => {
  let fraction = (place & 128) === 0 ? 1 : 2 / Math.sqrt(2)
  for (let k = 1; k < finestSchema; k++) if ((place & (128 >> k)) !== 0) fraction *= roots[k] as number
  return fraction
})

/** Upper bound of a bucket on the positive side. */
export function exponentialBound(index: number, schema: number): number {
  if (schema <= 0) return powerOfTwo(index * 2 ** -schema)
  const whole = Math.floor(index / 2 ** schema)
  const rest = index - whole * 2 ** schema
  if (rest === 0) return powerOfTwo(whole)
  return (fractions[rest * 2 ** (finestSchema - schema)] as number) * 2 ** whole
}

function powerOfTwo(exponent: number): number {
  return exponent === 1024 ? Number.MAX_VALUE : 2 ** exponent
}
