-- For wrk: with a file of request bodies (one a line) as its argument, each request is a POST of
-- a line taken at random; without, a plain GET. The result is one line of JSON at the end.

local requests = {}

function init(args)
  if not args[1] then return end
  math.randomseed(os.time())
  local headers = { ["Content-Type"] = "application/json" }
  for name, value in pairs(wrk.headers) do headers[name] = value end
  -- Formatted here once: wrk shares the machine with the server it measures.
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
  end
  request = function() return requests[math.random(#requests)] end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'result {"duration_us":%d,"requests":%d,"p50_us":%d,"p99_us":%d,"max_us":%d,' ..
    '"refused":%d,"socket_errors":%d}\n',
    summary.duration, summary.requests,
    latency:percentile(50), latency:percentile(99), latency.max,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
