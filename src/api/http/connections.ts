/** For how long connections may stay silent; milliseconds. */
export const CONNECTION_TIMEOUTS = {
  headersTimeout: 10_000,
  /** Longer than the minute for which balancers keep idle connections, so that they close first. */
  keepAliveTimeout: 65_000,
};
