import type { FunctionDefinition } from './definition.ts'
import { histogramFunctions } from './histogram.ts'
import { infoFunctions } from './info.ts'
import { integralFunctions } from './integral.ts'
import { labelFunctions } from './labels.ts'
import { mathFunctions } from './math.ts'
import { overTimeFunctions } from './over-time.ts'
import { rateFunctions } from './rate.ts'
import { timeFunctions } from './time.ts'
import { trendFunctions } from './trend.ts'
import { vectorFunctions } from './vectors.ts'

const families: readonly Readonly<Record<string, FunctionDefinition>>[] = [
  histogramFunctions,
  infoFunctions,
  integralFunctions,
  labelFunctions,
  mathFunctions,
  overTimeFunctions,
  rateFunctions,
  timeFunctions,
  trendFunctions,
  vectorFunctions,
]

/** Every function that can be evaluated, by its name. */
export const functionDefinitions: ReadonlyMap<string, FunctionDefinition> = new Map(
  families.flatMap((family) => Object.entries(family)),
)
