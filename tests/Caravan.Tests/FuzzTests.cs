using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Tests;

/// <summary>
/// Requests that FsCheck makes out of the API's own description, to every endpoint it names: none breaks the server, every
/// refusal is a problem, and every 400 names what is wrong. <c>CARAVAN_FUZZ_CASES</c> asks for more of each endpoint (40),
/// <c>CARAVAN_FUZZ_SEED</c> for others (1), <c>CARAVAN_FUZZ_ONLY</c> for those whose name holds a text. A fault is told with what makes it again.
/// </summary>
[Trait("Store", "once")]
public sealed class FuzzTests
{
    private const int CasesOfEach = 40;
    private const int FaultsShown = 30;

    [Fact]
    public async Task No_request_that_the_description_leads_to_breaks_an_endpoint_and_every_refusal_names_its_field()
    {
        var cases = Setting("CARAVAN_FUZZ_CASES", CasesOfEach);
        var seed = Setting("CARAVAN_FUZZ_SEED", 1);
        var only = Environment.GetEnvironmentVariable("CARAVAN_FUZZ_ONLY") ?? "";
        await using var world = await OrderWorld.StartAsync();
        var ids = await ContractTests.IdsAsync(world);
        var document = await ContractTests.DocumentAsync(world);
        var requests = new FuzzRequests(document, ids);
        List<string> broken = [];
        var sent = new Dictionary<int, int>();
        var number = 0;

        foreach (var (path, item) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in item!.AsObject())
            {
                number++;
                var name = $"{method.ToUpperInvariant()} {path}";
                if (!name.Contains(only, StringComparison.OrdinalIgnoreCase))
                    continue;

                foreach (var request in requests.To(path, method, operation!).Sample(cases, new Rnd((ulong)seed, (ulong)((number * 2) + 1)), cases))
                {
                    var (status, fault) = await TryAsync(world.Chain.Http, request);
                    if (status > 0)
                        sent[status / 100] = sent.GetValueOrDefault(status / 100) + 1;
                    if (fault is not null)
                        broken.Add($"{name}: {fault}\n    {request}\n    again: CARAVAN_FUZZ_SEED={seed} CARAVAN_FUZZ_CASES={cases} CARAVAN_FUZZ_ONLY='{name}'");
                }
            }
        }

        TestContext.Current.SendDiagnosticMessage($"Fuzzed {number} endpoints from seed {seed}: {string.Join(", ", sent.OrderBy(one => one.Key).Select(one => $"{one.Value} answered {one.Key}xx"))}.");
        Assert.True(broken.Count == 0, $"{broken.Count} faults from seed {seed}:\n{string.Join('\n', broken.Take(FaultsShown))}");
        Assert.True(only.Length > 0 || sent.GetValueOrDefault(2) > number / 2, $"Only {sent.GetValueOrDefault(2)} requests were taken: what is made is too far from what is right to reach anything.");
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task The_same_seed_makes_the_same_requests()
    {
        await using var world = await OrderWorld.StartAsync();
        var document = await ContractTests.DocumentAsync(world);

        var twice = Enumerable.Range(0, 2).Select(_ => Made(document)).ToList();

        Assert.Equal(twice[0], twice[1]);
        Assert.True(twice[0].Distinct().Count() > 20);

        static List<string> Made(JsonNode document) => [.. new FuzzRequests(document, new Dictionary<string, string>())
            .To("/v1/orders", "post", document["paths"]!["/v1/orders"]!["post"]!).Sample(40, new Rnd(7, 9), 40).Select(request => request.ToString())];
    }

    // The description names a body by its type's name alone: of two of one name, one would be described as the other.
    [Fact]
    public void No_two_bodies_have_one_name()
    {
        var twice = typeof(CaravanServer).Assembly.GetTypes()
            .Where(type => !type.IsNested && type.Name.EndsWith("Body", StringComparison.Ordinal))
            .GroupBy(type => type.Name)
            .Where(name => name.Count() > 1)
            .Select(name => string.Join(" and ", name.Select(type => type.FullName)));

        Assert.Empty(twice);
    }

    private static async Task<(int Status, string? Fault)> TryAsync(HttpClient http, FuzzRequest request)
    {
        using var message = new HttpRequestMessage(request.Method, request.Url);
        if (request.Body is not null)
        {
            message.Content = new ByteArrayContent(request.Body);
            if (!string.IsNullOrEmpty(request.ContentType))
                message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
        }

        foreach (var (name, value) in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
                message.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, TestCaravan.Cancel);
        }
        catch (HttpRequestException unsendable) when (unsendable.HttpRequestError == HttpRequestError.Unknown && unsendable.InnerException is null)
        {
            return (0, null); // The client itself would not put such a header on the wire.
        }

        using (response)
        {
            var status = (int)response.StatusCode;
            var type = response.Content.Headers.ContentType?.MediaType;
            if (type == "text/event-stream")
                return (status, null); // It does not end.

            var text = await response.Content.ReadAsStringAsync(TestCaravan.Cancel);
            return (status, FaultOf(status, type, text));
        }
    }

    private static string? FaultOf(int status, string? type, string text)
    {
        if (status >= 500)
            return $"{status} {text}";
        if (status == 401)
            return "401, though the key is right";
        if (status < 400)
            return type == "application/json" && !IsJson(text) ? $"{status} with a body that is not JSON: {text}" : null;
        if (type != "application/problem+json")
            return $"{status} is no problem but {type ?? "nothing"}: {text}";

        var problem = JsonSerializer.Deserialize<JsonElement>(text);
        foreach (var member in (string[])["type", "title", "detail"])
        {
            if (!problem.TryGetProperty(member, out var said) || string.IsNullOrWhiteSpace(said.GetString()))
                return $"{status} without {member}: {text}";
        }

        if (status != 400)
            return null;
        if (!problem.TryGetProperty("errors", out var errors) || errors.GetArrayLength() == 0)
            return $"400 names no field: {text}";
        return errors.EnumerateArray().All(IsNamed) ? null : $"400 with a fault that names nothing: {text}";
    }

    private static bool IsNamed(JsonElement fault) =>
        !string.IsNullOrWhiteSpace(fault.GetProperty("detail").GetString())
        && ((fault.TryGetProperty("pointer", out var pointer) && pointer.GetString() is ['#' or '?', ..]) || (fault.TryGetProperty("parameter", out var parameter) && !string.IsNullOrWhiteSpace(parameter.GetString())));

    private static bool IsJson(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(text).ValueKind is not JsonValueKind.Undefined;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static int Setting(string name, int otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
