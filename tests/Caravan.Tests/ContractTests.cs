using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Delivery;
using Caravan.Operations.Inbox;
using Caravan.Orders;
using Caravan.Tests.Edi;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests;

/// <summary>
/// Walks every endpoint that the API's own description names: without a key, with another company's key, and with bad input.
/// An endpoint that is added is walked without a line here; one that changes something of another's needs a body below.
/// </summary>
[Trait("Store", "once")]
public sealed class ContractTests
{
    // A right body for each write on a thing that has an id, so that "not found" is never hidden behind a fault in the body.
    private static readonly Dictionary<string, string> Bodies = new()
    {
        ["POST /v1/orders/{id}:cancel"] = "{}",
        ["POST /v1/orders/{id}:pay"] = "{}",
        ["POST /v1/reservations/{id}:extend"] = """{"minutes":5}""",
        ["POST /v1/reservations/{id}:release"] = "",
        ["POST /v1/pick-lists/{id}:pick"] = """{"line":1,"quantity":1}""",
        ["POST /v1/pick-lists/{id}:short"] = """{"line":1,"quantity":1,"reason":"notOnShelf"}""",
        ["POST /v1/pick-lists/{id}:substitute"] = """{"line":1,"quantity":1,"code":"tea"}""",
        ["PUT /v1/items/{id}/substitutes"] = """{"items":[]}""",
        ["POST /v1/pick-lists/{id}:pack"] = "",
        ["POST /v1/pick-lists/{id}:handOver"] = """{"code":"123456"}""",
        ["PUT /v1/edi/partners/{id}"] = """{"name":"other","own":{"id":"A"},"theirs":{"id":"B"}}""",
        ["DELETE /v1/edi/partners/{id}"] = "",
        ["PATCH /v1/feeds/{id}"] = """{"name":"other"}""",
        ["PUT /v1/feeds/{id}/mappings"] = """{"items":[{"code":"x","sku":"tea"}]}""",
        ["POST /v1/feeds/{id}/snapshots"] = """{"asOf":"2026-11-03T02:00:00Z","lines":[{"location":"near","item":"tea","quantity":1}]}""",
        ["POST /v1/feeds/{id}/deltas"] = """{"asOf":"2026-11-03T02:00:00Z","lines":[{"location":"near","item":"tea","quantity":1}]}""",
        ["POST /v1/feeds/{id}/files"] = "location,item,quantity\nnear,tea,1\n",
        ["POST /v1/feeds/{id}/documents/{document}/accept"] = "",
        ["POST /v1/feeds/{id}/documents/{document}/discard"] = "",
        ["POST /v1/feeds/{id}/rejected:retry"] = "",
        ["PATCH /v1/feed-connections/{id}"] = """{"name":"other"}""",
        ["POST /v1/feed-connections/{id}:accept"] = "{}",
        ["POST /v1/feed-connections/{id}:go-live"] = "{}",
        ["DELETE /v1/feed-connections/{id}"] = "",
        ["POST /v1/lots/{id}:hold"] = """{"reason":"recall"}""",
        ["POST /v1/lots/{id}:release"] = "{}",
        ["POST /v1/stock/transfers/{id}:receive"] = """{"cause":"note 1"}""",
        ["POST /v1/returns/{id}:send"] = "{}",
        ["POST /v1/returns/{id}:receive"] = """{"cause":"note 1"}""",
        ["POST /v1/returns/{id}:grade"] = """{"cause":"look 1","lines":[{"line":1,"quantity":1,"grade":"new","disposition":"hold"}]}""",
        ["POST /v1/returns/{id}:cancel"] = "",
        ["PUT /v1/couriers/{id}/position"] = """{"latitude":39.9,"longitude":116.4}""",
        ["PUT /v1/couriers/{id}/duty"] = """{"isOnDuty":true}""",
        ["POST /v1/couriers/{id}/jobs/{jobId}:accept"] = "",
        ["POST /v1/couriers/{id}/jobs/{jobId}:decline"] = "",
        ["POST /v1/couriers/{id}/jobs/{jobId}:collect"] = "",
        ["POST /v1/couriers/{id}/jobs/{jobId}:deliver"] = """{"code":"123456"}""",
        ["POST /v1/couriers/{id}/jobs/{jobId}:fail"] = """{"reason":"nobody home"}""",
        ["POST /v1/couriers/{id}/jobs/{jobId}:return"] = "",
        ["POST /v1/jobs/{id}:hand-over"] = """{"code":"123456"}""",
        ["DELETE /v1/agreements/{id}"] = "",
        ["DELETE /v1/keys/{id}"] = "",
        ["POST /v1/keys/{id}:rotate"] = "{}",
        ["PATCH /v1/supply/{id}"] = """{"quantity":9}""",
        ["POST /v1/supply/{id}:receive"] = """{"cause":"note 1"}""",
        ["POST /v1/supply/{id}:cancel"] = "",
        ["POST /v1/exceptions/{id}:do"] = """{"act":"solve"}""",
        ["PUT /v1/locations/{id}/release-rule"] = """{"acknowledgeWithinMinutes":5}""",
        ["DELETE /v1/locations/{id}/release-rule"] = "",
        ["POST /v1/pick-lists/{id}:acknowledge"] = "",
        ["POST /v1/pick-lists/{id}:decline"] = """{"reason":"noStaff"}""",
        ["DELETE /v1/stock/quotas/{id}"] = "",
        ["POST /v1/stock/stop-sells/{id}:lift"] = "",
        ["DELETE /v1/stock/safety-rules/{id}"] = "",
        ["PUT /v1/sourcing-rules/{id}"] = """{"note":"other","weights":{}}""",
        ["DELETE /v1/sourcing-rules/{id}"] = "",
        ["POST /v1/sourcing-rules/{id}:simulate"] = "",
        ["POST /v1/sourcing-rules/{id}:publish"] = "",
    };

    [Fact]
    public async Task Every_endpoint_turns_away_who_has_no_key()
    {
        await using var world = await OrderWorld.StartAsync();
        var api = await ApiAsync(world, await IdsAsync(world));

        foreach (var operation in api)
        {
            var answer = await world.Caravan.Anonymous.SendAsync(operation.Method, operation.Path, "{}");
            Assert.True(answer.Status == 401, $"{operation.Name} answers a stranger with {answer.Status}.");
        }

        Assert.True(api.Count > 40, $"Only {api.Count} operations are described.");
    }

    [Fact]
    public async Task Every_endpoint_hides_one_company_from_another()
    {
        await using var world = await OrderWorld.StartAsync();
        var ids = await IdsAsync(world);
        List<string> leaks = [];
        foreach (var operation in await ApiAsync(world, ids))
        {
            if (operation.Name.Contains('{', StringComparison.Ordinal))
            {
                var body = operation.Method == HttpMethod.Get ? null : Bodies.GetValueOrDefault(operation.Name);
                if (body is null && operation.Method != HttpMethod.Get)
                    leaks.Add($"{operation.Name} needs a body in this test.");
                object? content = body is null or "" ? null : body.StartsWith('{') ? body : new StringContent(body, Encoding.UTF8, "text/csv");
                var query = operation.Name.EndsWith("/files", StringComparison.Ordinal) ? "?kind=delta&asOf=2026-11-03T02:00:00Z" : "";
                var answer = await world.Stranger.Http.SendAsync(operation.Method, operation.Path + query, content);
                if (answer.Status != 404)
                    leaks.Add($"{operation.Name} answers another company with {answer.Status}: {answer.Body}");
            }
            else if (operation.Method == HttpMethod.Get)
            {
                var answer = await world.Stranger.Http.SendAsync(HttpMethod.Get, operation.Path);
                leaks.AddRange(ids.Values.Where(id => answer.Body.ToString().Contains(id, StringComparison.Ordinal)).Select(id => $"{operation.Name} shows another company {id}."));
            }
        }

        Assert.Empty(leaks);
    }

    [Fact]
    public async Task Every_endpoint_names_what_is_wrong_and_never_breaks()
    {
        await using var world = await OrderWorld.StartAsync();
        List<string> broken = [];
        foreach (var operation in await ApiAsync(world, await IdsAsync(world)))
        {
            if (operation.Body is null)
                continue;

            foreach (var (what, bytes) in BadBodies(operation.Body))
            {
                using var content = new ByteArrayContent(bytes);
                content.Headers.ContentType = new("application/json");
                var answer = await world.Chain.Http.SendAsync(operation.Method, operation.Path, content, key: Guid.NewGuid().ToString());
                if (answer.Status is >= 500 or 401)
                    broken.Add($"{operation.Name} with {what}: {answer.Status} {answer.Body}");
                else if (answer.Status == 400 && answer.Body.Faults().Count == 0)
                    broken.Add($"{operation.Name} with {what}: 400 names no field: {answer.Body}");
            }

            foreach (var sure in SurelyBad)
            {
                using var content = new ByteArrayContent(sure);
                content.Headers.ContentType = new("application/json");
                var answer = await world.Chain.Http.SendAsync(operation.Method, operation.Path, content, key: Guid.NewGuid().ToString());
                if (answer.Status is not 400)
                    broken.Add($"{operation.Name} takes {Encoding.UTF8.GetString(sure)}: {answer.Status} {answer.Body}");
            }
        }

        Assert.Empty(broken);
    }

    [Fact]
    public async Task Every_id_in_a_path_and_every_parameter_of_a_query_is_checked()
    {
        await using var world = await OrderWorld.StartAsync();
        List<string> broken = [];
        var document = await DocumentAsync(world);
        foreach (var (path, item) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in item!.AsObject())
            {
                foreach (var parameter in operation!["parameters"]?.AsArray() ?? [])
                {
                    var name = parameter!["name"]!.GetValue<string>();
                    foreach (var bad in new[] { "nonsense", "-1", "1e400", "%00", new string('9', 400), "ord_zzzzzzzzzzzzzzzzzzzzzzzzzz" })
                    {
                        var url = parameter["in"]!.GetValue<string>() switch
                        {
                            "path" => Fill(path, _ => bad),
                            "query" => $"{Fill(path, prefix => $"{prefix}_01h455vb4pex5vsknk084sn02q")}?{name}={bad}",
                            _ => null,
                        };
                        if (url is null)
                            continue;

                        var answer = await world.Chain.Http.SendAsync(new HttpMethod(method.ToUpperInvariant()), url, method == "get" ? null : "{}");
                        if (answer.Status >= 500)
                            broken.Add($"{method} {url}: {answer.Status} {answer.Body}");
                    }
                }
            }
        }

        Assert.Empty(broken);
    }

    private static readonly byte[][] SurelyBad =
    [
        "null"u8.ToArray(),
        "[1,2"u8.ToArray(),
        "\"text\""u8.ToArray(),
        """{"thereIsNoSuchField":1}"""u8.ToArray(),
        [(byte)'{', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)':', (byte)'1', (byte)'}'],
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 60)) + "1" + new string('}', 60)),
    ];

    private static IEnumerable<(string What, byte[] Bytes)> BadBodies(JsonObject good)
    {
        string[] bads = ["null", "\"\"", "\"text\"", "-1", "1.5", "1e400", "99999999999999999999", "true", "[]", "{}", "[null]", "[[]]", $"\"{new string('x', 9_000)}\"", "\"\\u0000\"", "\"NaN\"", "[{},{}]"];
        foreach (var (name, _) in good)
        {
            foreach (var bad in bads)
            {
                var text = new StringBuilder("{");
                foreach (var (other, value) in good)
                    text.Append(text.Length > 1 ? "," : "").Append(JsonSerializer.Serialize(other)).Append(':').Append(other == name ? bad : value?.ToJsonString() ?? "null");
                yield return ($"{name} = {(bad.Length > 40 ? "a very long text" : bad)}", Encoding.UTF8.GetBytes(text.Append('}').ToString()));
            }

            var doubled = good.ToJsonString();
            yield return ($"{name} twice", Encoding.UTF8.GetBytes($"{doubled[..^1]},{JsonSerializer.Serialize(name)}:{good[name]?.ToJsonString() ?? "null"}}}"));
        }
    }

    /// <summary>One thing of each kind that belongs to the chain, by the prefix of its id.</summary>
    internal static async Task<Dictionary<string, string>> IdsAsync(OrderWorld world)
    {
        await world.ReceiveAsync("chain", "tea", "near", 5);
        var order = await world.PlaceAsync("contract-1");
        var transfer = await world.Chain.Http.SubmitAsync("/v1/stock/transfers", new { from = world.Nodes["near"].Id.ToString(), to = world.Nodes["mid"].Id.ToString(), reference = "contract", lines = new[] { new { sku = "tea", quantity = 1 } } });
        Assert.True(transfer.Status == 201, transfer.Body.ToString());
        var hold = await world.Chain.Http.SubmitAsync("/v1/reservations", new { minutes = 5, location = world.Nodes["near"].Id.ToString(), lines = new[] { new { sku = "tea", quantity = 1 } } });
        Assert.True(hold.Status == 201, hold.Body.ToString());
        var receipt = await world.Chain.Http.SubmitAsync("/v1/stock/receipts", new { location = world.Nodes["near"].Id.ToString(), cause = "contract", lines = new[] { new { sku = "tea", quantity = 1, lots = new[] { new { code = "L1", quantity = 1, expiresOn = "2099-01-31" } } } } });
        Assert.True(receipt.Status == 200, receipt.Body.ToString());
        var lot = (await world.Chain.Http.FetchAsync("/v1/lots")).Body.GetProperty("items")[0].GetProperty("id").GetString()!; // Received just now.
        var feed = await world.Chain.Http.SubmitAsync("/v1/feeds", new { name = "till", itemCodes = "sku" });
        Assert.True(feed.Status == 201, feed.Body.ToString());
        using var export = new StringContent("location,item,quantity\nnear,tea,1\n", Encoding.UTF8, "text/csv");
        var connection = await world.Chain.Http.SubmitAsync("/v1/feed-connections", export);
        Assert.True(connection.Status == 201, connection.Body.ToString());
        var quota = await world.Chain.Http.SubmitAsync("/v1/stock/quotas", new { sku = "tea", channel = "web", units = 1, until = world.Now.AddDays(1) });
        Assert.True(quota.Status == 201, quota.Body.ToString());
        var supply = await world.Chain.Http.SubmitAsync("/v1/supply", new { sku = "tea", location = world.Nodes["near"].Id.ToString(), quantity = 5, expectedAt = world.Now.AddDays(3), reference = "contract" });
        Assert.True(supply.Status == 201, supply.Body.ToString());
        await world.Chain.Http.ReplaceAsync("/v1/stock/safety-rules", new { rules = new[] { new { sku = "milk", units = 1 } } });
        var rule = (await world.Chain.Http.FetchAsync("/v1/stock/safety-rules")).Body.GetProperty("items")[0].GetProperty("id").GetString()!; // Put just above.
        var partner = await world.Chain.Http.SubmitAsync("/v1/edi/partners", new { name = "buyer", own = new { qualifier = "ZZ", id = "CHAIN" }, theirs = new { qualifier = "ZZ", id = "BUYER" } });
        Assert.True(partner.Status == 201, partner.Body.ToString());
        using var sent = new StringContent(EdiWorld.X12("BUYER", "CHAIN", 1, "850", "PO", "BEG*00*SA*1**20261101~PO1*1*1*EA***VN*tea~CTT*1~"), System.Text.Encoding.UTF8, "application/edi-x12");
        var interchange = await world.Chain.Http.SubmitAsync("/v1/edi/interchanges", sent);
        Assert.True(interchange.Status == 200, interchange.Body.ToString());
        var stop = await world.Chain.Http.SubmitAsync("/v1/stock/stop-sells", new { sku = "apples", reason = "contract" });
        Assert.True(stop.Status == 201, stop.Body.ToString());
        var rules = await world.Chain.Http.SubmitAsync("/v1/sourcing-rules", new { note = "contract", weights = new { loadMinutes = 5 } });
        Assert.True(rules.Status == 201, rules.Body.ToString());
        await world.Caravan.Store.WriteAsync(tx => InboxStore.InsertAsync(tx, world.Chain.Id, [new Finding(ExceptionKind.ShortPick, "contract", "contract", "", tx.Now, null, 1)]), TestCaravan.Cancel);
        var exception = (await world.Caravan.Store.ReadAsync(db => InboxStore.LastingAsync(db, world.Chain.Id), TestCaravan.Cancel))[0].Id;
        var promise = await world.Chain.Http.SubmitAsync("/v1/promises", new { lines = new[] { new { sku = "tea", quantity = 1 } }, destination = new { latitude = 39.9, longitude = 116.4 } });
        var courier = (await world.Chain.Http.FetchAsync("/v1/couriers")).Body.GetProperty("items")[0].GetProperty("id").GetString()!; // The world has one.
        return new Dictionary<string, string>
        {
            ["lot"] = lot,
            ["ord"] = order.GetProperty("id").GetString()!,
            ["ful"] = order.GetProperty("fulfilments")[0].GetProperty("id").GetString()!,
            ["loc"] = world.Nodes["near"].Id.ToString(),
            ["itm"] = world.Items[("chain", "tea")].ToString(),
            ["fee"] = feed.Body.GetProperty("id").GetString()!,
            ["fcn"] = connection.Body.GetProperty("id").GetString()!,
            ["fdc"] = FeedDocumentId.New(world.Now).ToString(),
            ["cou"] = courier,
            ["edp"] = partner.Body.GetProperty("id").GetString()!,
            ["edi"] = interchange.Body.GetProperty("interchanges")[0].GetProperty("interchange").GetProperty("id").GetString()!,
            ["job"] = await JobAsync(world),
            ["prm"] = promise.Body.GetProperty("id").GetString()!,
            ["ret"] = await ReturnAsync(world),
            ["rsv"] = hold.Body.GetProperty("id").GetString()!,
            ["quo"] = quota.Body.GetProperty("id").GetString()!,
            ["sfr"] = rule,
            ["rul"] = rules.Body.GetProperty("id").GetString()!,
            ["exc"] = exception.ToString(),
            ["stp"] = stop.Body.GetProperty("id").GetString()!,
            ["sup"] = supply.Body.GetProperty("id").GetString()!,
            ["trf"] = transfer.Body.GetProperty("id").GetString()!,
            ["agr"] = world.Agreement.ToString(),
            ["key"] = (await world.Chain.Http.SubmitAsync("/v1/keys", new { name = "contract" })).Body.GetProperty("id").GetString()!, // It is the first of its name.
        };
    }

    private static async Task<string> ReturnAsync(OrderWorld world)
    {
        var order = await world.PlaceAsync("contract-2");
        var (seller, fulfilment) = (world.Chain.Id, FulfilmentId.Parse(order.GetProperty("fulfilments")[0].GetProperty("id").GetString()!, null)); // Near has it all.
        var desk = world.Caravan.Services.GetRequiredService<OrderDesk>();
        await world.Caravan.Store.WriteAsync(async tx =>
        {
            await desk.ReleaseAsync(tx, seller, fulfilment);
            await desk.PickedAsync(tx, seller, fulfilment);
            await desk.PackedAsync(tx, seller, fulfilment);
            await desk.CollectedAsync(tx, seller, fulfilment);
        }, TestCaravan.Cancel);
        var made = await world.Chain.Http.SubmitAsync("/v1/returns", new { order = order.GetProperty("id").GetString(), lines = new[] { new { line = 1, quantity = 1, reason = "damaged" } } });
        Assert.True(made.Status == 201, made.Body.ToString());
        return made.Body.GetProperty("id").GetString()!; // Every return has its id.
    }

    private static async Task<string> JobAsync(OrderWorld world)
    {
        var desk = world.Caravan.Services.GetRequiredService<DeliveryDesk>();
        var job = await world.Caravan.Store.WriteAsync(tx => desk.BookAsync(tx, [new Parcel
        {
            Shipper = world.Chain.Id,
            Reference = "contract",
            Origin = world.Nodes["near"].Id,
            Destination = OrderWorld.Customer,
            Address = "12 Lane of Lanterns",
            Service = Network.DeliveryService.WithinHour,
            ReadyAt = world.Now.AddMinutes(10),
            DueAt = world.Now.AddHours(1),
            WeightGrams = 500,
            TemperatureClass = Caravan.Platform.TemperatureClass.Ambient,
            ProofCode = "424242",
        }]), TestCaravan.Cancel);
        return job[0].ToString();
    }

    internal static async Task<JsonNode> DocumentAsync(OrderWorld world) =>
        JsonNode.Parse(await world.Caravan.Anonymous.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), TestCaravan.Cancel))!;

    private static async Task<List<(string Name, HttpMethod Method, string Path, JsonObject? Body)>> ApiAsync(OrderWorld world, Dictionary<string, string> ids)
    {
        var document = await DocumentAsync(world);
        List<(string, HttpMethod, string, JsonObject?)> operations = [];
        foreach (var (path, item) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in item!.AsObject())
            {
                var prefixes = (operation!["parameters"]?.AsArray() ?? [])
                    .Where(parameter => parameter!["in"]!.GetValue<string>() == "path")
                    .ToDictionary(parameter => parameter!["name"]!.GetValue<string>(), parameter => parameter!["schema"]!["pattern"]!.GetValue<string>()[1..4]);
                var filled = prefixes.Aggregate(path, (url, one) => url.Replace($"{{{one.Key}}}", ids[one.Value], StringComparison.Ordinal));
                var schema = operation["requestBody"]?["content"]?["application/json"]?["schema"];
                operations.Add(($"{method.ToUpperInvariant()} {path}", new HttpMethod(method.ToUpperInvariant()), filled, schema is null ? null : Sample(document, schema) as JsonObject));
            }
        }

        return operations;
    }

    private static string Fill(string path, Func<string, string> value)
    {
        while (path.IndexOf('{', StringComparison.Ordinal) is >= 0 and var open)
        {
            var close = path.IndexOf('}', open);
            path = path[..open] + value("ord") + path[(close + 1)..];
        }

        return path;
    }

    // Something of the right shape, as the description tells it.
    private static JsonNode? Sample(JsonNode document, JsonNode schema)
    {
        if (schema["$ref"]?.GetValue<string>() is { } reference)
            return Sample(document, document["components"]!["schemas"]![reference.Split('/')[^1]]!);
        if ((schema["oneOf"] ?? schema["anyOf"])?.AsArray() is { } choices)
            return Sample(document, choices.First(one => one!["type"] is not JsonValue value || value.GetValue<string>() != "null")!);
        if (schema["enum"]?.AsArray() is [var first, ..])
            return first?.DeepClone();
        if (schema["pattern"]?.GetValue<string>() is { } pattern && pattern[1..4] is var prefix && pattern.Contains("25}", StringComparison.Ordinal))
            return $"{prefix}_01h455vb4pex5vsknk084sn02q";

        var type = schema["type"] is JsonArray several ? several.Select(one => one!.GetValue<string>()).First(one => one is not ("null" or "string") || several.Count == 2 && one == "string") : schema["type"]?.GetValue<string>();
        return type switch
        {
            "object" => new JsonObject((schema["properties"]?.AsObject() ?? []).Select(property => KeyValuePair.Create(property.Key, Sample(document, property.Value!)))),
            "array" => schema["items"] is { } items ? new JsonArray(Sample(document, items)) : [],
            "integer" or "number" => 1,
            "boolean" => true,
            _ => schema["format"]?.GetValue<string>() switch { "date-time" => "2026-11-03T02:00:00Z", "time" => "10:00:00", _ => "x" },
        };
    }
}
