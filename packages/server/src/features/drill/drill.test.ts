import { drillSuite } from './drill.suite.ts'

drillSuite('SQLite', () => undefined)
