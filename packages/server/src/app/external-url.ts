// What stands in links that leave the house.

const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/

export const isLoopback = (host: string): boolean => loopback.test(host)

/** The URL without a slash at its end. */
export const withoutSlash = (url: string): string => url.replace(/\/+$/, '')
