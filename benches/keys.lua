-- Asks with a key drawn at random from the file KEYS, one a line, each request made beforehand.
-- With CREDENTIAL ("Bearer …") it is sent with each; with SCHEME ("Api-Key") the key goes into the
-- header too.

local requests = {}

function init()
    math.randomseed(1)
    for key in io.lines(os.getenv("KEYS")) do
        local scheme = os.getenv("SCHEME") ~= "" and os.getenv("SCHEME") or nil
        local credential = scheme and scheme .. " " .. key or os.getenv("CREDENTIAL")
        local headers = { ["Content-Type"] = "application/json", ["Authorization"] = credential }
        local body = '{"key":"' .. key .. '","method":"POST","path":"/v1/documents","ip":"203.0.113.9"}'
        requests[#requests + 1] = wrk.format("POST", nil, headers, body)
    end
end

function request()
    return requests[math.random(#requests)]
end
