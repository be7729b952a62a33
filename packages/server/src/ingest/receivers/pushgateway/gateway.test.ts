import { gatewaySuite } from './gateway.suite.ts'

gatewaySuite('SQLite', () => undefined)
