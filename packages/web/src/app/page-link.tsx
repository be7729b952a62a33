import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { linkSearch } from '../data/search.ts'

interface PageLinkProps {
  readonly to: string
  readonly className?: string
  readonly title?: string
  readonly children: ReactNode
  readonly onClick?: () => void
}

/** A link to another page that takes the time range along, and nothing else of the search. */
export function PageLink({ to, children, ...rest }: PageLinkProps) {
  return (
    <Link to={to} search={linkSearch()} activeOptions={{ exact: to === '/', includeSearch: false }} {...rest}>
      {children}
    </Link>
  )
}
