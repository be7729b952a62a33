import { dispatchSuite } from './dispatch.suite.ts'

dispatchSuite('SQLite', () => undefined)
