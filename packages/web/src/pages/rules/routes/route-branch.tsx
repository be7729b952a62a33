import type { RouteNode } from '@tidewatch/api/routing.ts'
import { BellOff, CornerDownRight } from 'lucide-react'
import { counted } from '../backtest/report-words.ts'
import { conditionOf, groupingWords, timingWords } from './route-model.ts'

interface RouteBranchProps {
  readonly node: RouteNode
  /** Ids on the way of the alert that is asked about; undefined while none is. */
  readonly path: ReadonlySet<string> | undefined
  /** Ids at which it ends. */
  readonly ends: ReadonlySet<string>
}

/** One route with those below it. */
export function RouteBranch({ node, path, ends }: RouteBranchProps) {
  const isOn = path?.has(node.id) === true
  const isEnd = isOn && ends.has(node.id)
  return (
    <li className={path === undefined ? '' : isOn ? 'on' : 'off'}>
      <div className={`route ${isEnd ? 'goes-here' : ''}`}>
        <p className="route-head">
          <code className="break">{conditionOf(node)}</code>
          <span className="nowrap second">
            <CornerDownRight className="icon" role="img" aria-label="goes to" />{' '}
            <b className="break">{node.receiver}</b>
          </span>
          {node.continue && (
            <span className="chip" title="The routes after it are asked too">
              continue
            </span>
          )}
          {isEnd && <span className="tide label small">it goes here</span>}
          {isOn && !isEnd && <span className="third small">on its way</span>}
        </p>
        <p className="small third break">
          {groupingWords(node)}; {timingWords(node)}
        </p>
        <Receivers node={node} />
        <Times node={node} />
      </div>
      {node.routes.length > 0 && (
        <ul>
          {node.routes.map((child, i) => (
            // two routes may be the same in all they say
            // biome-ignore lint/suspicious/noArrayIndexKey: the order of routes is what they are
            <RouteBranch key={i} node={child} path={path} ends={ends} />
          ))}
        </ul>
      )}
    </li>
  )
}

function Receivers({ node: { integrations, groups } }: { readonly node: RouteNode }) {
  return (
    <p className="small second break">
      {integrations.length === 0 ? (
        <span className="warn">tells nobody: the receiver has no channel</span>
      ) : (
        `tells ${integrations.join(', ')}`
      )}
      {groups > 0 && <span className="label">; {counted(groups, 'group')} now</span>}
    </p>
  )
}

function Times({ node: { muteTimeIntervals, activeTimeIntervals, mutedBy } }: { readonly node: RouteNode }) {
  const isMuted = mutedBy.length > 0
  if (muteTimeIntervals.length === 0 && activeTimeIntervals.length === 0) return null
  return (
    <p className="small second break">
      {isMuted && (
        <span className="label">
          <BellOff className="icon" aria-hidden /> silent now, by {mutedBy.join(', ')}.{' '}
        </span>
      )}
      {muteTimeIntervals.length > 0 && `Silent during ${muteTimeIntervals.join(', ')}. `}
      {activeTimeIntervals.length > 0 && `Only during ${activeTimeIntervals.join(', ')}.`}
    </p>
  )
}
