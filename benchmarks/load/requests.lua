-- For wrk: sends the bodies of a file, one a line, in turn, and tells at the end what came of it, as JSON.
-- LOAD_BODIES names the file; LOAD_KEY is the API key, if there is one.

local requests, at = {}, 0

function init(arguments)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  local key = os.getenv("LOAD_KEY")
  if key then wrk.headers["Authorization"] = "Bearer " .. key end
  -- Made beforehand: while it asks, wrk only counts.
  for body in io.lines(os.getenv("LOAD_BODIES")) do
    requests[#requests + 1] = wrk.format(nil, nil, nil, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write("\n", string.format(
    '{"requests":%d,"microseconds":%d,"bytes":%d,"p50":%d,"p90":%d,"p99":%d,"most":%d,'
      .. '"statuses":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}',
    summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max,
    errors.status, errors.connect, errors.read, errors.write, errors.timeout
  ), "\n")
end
