// What is reckoned over a window of values: the functions of `moving_fn`, and the models of the older `moving_avg`.
import { fault, unsupported } from '../fault.ts'
import { finiteNumber, type JsonObject } from '../request.ts'

type OfWindow = (values: readonly number[]) => number

const sum: OfWindow = (values) => values.reduce((a, b) => a + b, 0)
const mean: OfWindow = (values) => (values.length === 0 ? Number.NaN : sum(values) / values.length)

const linear: OfWindow = (values) => {
  const weighted = values.reduce((total, value, i) => total + value * (i + 1), 0)
  return values.length === 0 ? Number.NaN : weighted / ((values.length * (values.length + 1)) / 2)
}

const exponential =
  (alpha: number): OfWindow =>
  (values) =>
    values.reduce((average, value, i) => (i === 0 ? value : value * alpha + average * (1 - alpha)), Number.NaN)

/** Level and trend, each smoothed by its own factor. */
const doubleExponential =
  (alpha: number, beta: number): OfWindow =>
  (values) => {
    let [level, trend] = [values[0] ?? Number.NaN, 0]
    for (const [i, value] of values.slice(1).entries()) {
      const before = level
      level = alpha * value + (1 - alpha) * (level + (i === 0 ? value - before : trend))
      trend = beta * (level - before) + (1 - beta) * (i === 0 ? value - before : trend)
    }
    return level
  }

function deviation(values: readonly number[], around: number): number {
  if (values.length === 0) return Number.NaN
  return Math.sqrt(values.reduce((total, value) => total + (value - around) ** 2, 0) / values.length)
}

const functions: Readonly<Record<string, (settings: readonly number[]) => OfWindow>> = {
  max: () => (values) => values.reduce((a, b) => Math.max(a, b), values.length === 0 ? Number.NaN : -Infinity),
  min: () => (values) => values.reduce((a, b) => Math.min(a, b), values.length === 0 ? Number.NaN : Infinity),
  sum: () => sum,
  stdDev: () => (values) => deviation(values, mean(values)),
  unweightedAvg: () => mean,
  linearWeightedAvg: () => linear,
  ewma: ([alpha = 0.3]) => exponential(alpha),
  holt: ([alpha = 0.3, beta = 0.1]) => doubleExponential(alpha, beta),
}

const call =
  /^\s*(?:return\s+)?MovingFunctions\.(\w+)\s*\(\s*values\s*((?:,\s*(?:-?[\d.]+|MovingFunctions\.unweightedAvg\(values\))\s*)*)\)\s*;?\s*$/

/** `MovingFunctions.ewma(values, 0.3)`. */
export function movingFunction(script: string): OfWindow {
  const match = script.length > 500 ? null : call.exec(script)
  const name = match?.[1] ?? ''
  const make = Object.hasOwn(functions, name) ? functions[name] : undefined
  if (match === null || make === undefined)
    throw fault('script_exception', `the script [${script.slice(0, 100)}] is none that is known here`, {
      fix: `It may be MovingFunctions.${Object.keys(functions).join('(values), MovingFunctions.')}(values)`,
    })
  const settings = (match[2] ?? '').split(',').map((one) => one.trim())
  return make(settings.filter((one) => /^-?[\d.]+$/.test(one)).map(Number))
}

/** Of models with seasons we have none. */
export function movingModel(model: string, settings: JsonObject): OfWindow {
  const factor = (name: string, otherwise: number): number =>
    settings[name] === undefined ? otherwise : finiteNumber(settings[name], `settings.${name}`)
  switch (model) {
    case 'simple':
      return mean
    case 'linear':
      return linear
    case 'ewma':
      return exponential(factor('alpha', 0.3))
    case 'holt':
      return doubleExponential(factor('alpha', 0.3), factor('beta', 0.1))
    default:
      throw unsupported(`the model [${model.slice(0, 40)}] of [moving_avg]`, 'It may be simple, linear, ewma, holt')
  }
}
