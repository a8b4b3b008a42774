using System.Text.Json;
using Caravan.Platform.Access;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Platform.Access;

/// <summary>What a key may do holds on every endpoint, of the API and of pages.</summary>
public sealed class ScopeTests
{
    // What a build adds by itself, for files of wwwroot that have changed since.
    private const string BuildsFiles = "Fallback {**path:file}";

    [Fact]
    [Trait("Store", "once")]
    public async Task Every_endpoint_that_is_not_open_to_all_names_its_scope()
    {
        await using var caravan = await TestCaravan.StartAsync();

        var endpoints = caravan.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null && endpoint.DisplayName != BuildsFiles).ToList();

        Assert.True(endpoints.Count > 150, $"Only {endpoints.Count} endpoints were found.");
        Assert.Empty(endpoints.Where(endpoint => ScopeGate.Of(endpoint.Metadata, "GET") is null).Select(endpoint => $"{endpoint.DisplayName} needs .NeedsScope(Area.…)").Order());
    }

    // What is open to all is listed: a new endpoint that lets strangers in is a decision.
    [Fact]
    [Trait("Store", "once")]
    public async Task What_is_open_to_all_is_shops_tracking_and_the_ways_in()
    {
        string[] open = ["/.well-known/jwks.json", "/.well-known/oauth-authorization-server", "/", "/shop", "/track/{token}", "/sign-in", "/sign-out", "/demo/sign-in", "/oauth/token", "/design", "/health", "/metrics", "/openapi"];
        await using var caravan = await TestCaravan.StartAsync(settings => settings with { MetricsKey = "m" });

        var strangers = caravan.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null && endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is null)
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/')) // Ours have a pattern.
            .Where(path => !open.Any(one => path == one || (one != "/" && path.StartsWith(one + "/", StringComparison.Ordinal))))
            .Distinct().Order();

        Assert.Empty(strangers);
    }

    [Fact]
    public async Task A_key_does_what_its_scopes_say_and_a_refusal_names_the_scope_that_it_lacks()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, owner, _) = await caravan.AddPartnerAsync("alpha");
        using var reader = await MadeAsync(caravan, owner, "orders:read", "stock:read");

        var orders = await reader.FetchAsync("/v1/orders");
        var promise = await reader.SubmitAsync("/v1/promises", "{}");
        var items = await reader.FetchAsync("/v1/items");

        Assert.Equal(200, orders.Status);
        Assert.Equal((403, "urn:caravan:problem:scope-missing", "orders:write"), (promise.Status, promise.Body.GetProperty("type").GetString(), promise.Body.GetProperty("scope").GetString()));
        Assert.Equal((403, "catalog:read"), (items.Status, items.Body.GetProperty("scope").GetString()));
        Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"catalog:read\"", items.Response.Headers.WwwAuthenticate.Single().ToString());
    }

    // A key of one scope meets every endpoint that the description names: only those of its scope let it in.
    [Fact]
    [Trait("Store", "once")]
    public async Task A_key_of_one_scope_is_let_into_nothing_else()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, owner, _) = await caravan.AddPartnerAsync("alpha");
        using var narrow = await MadeAsync(caravan, owner, "returns:read");
        var document = JsonSerializer.Deserialize<JsonElement>(await caravan.Anonymous.GetStringAsync("/openapi/v1.json", TestCaravan.Cancel));
        List<string> wrong = [];
        var count = 0;

        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                count++;
                var scope = operation.Value.GetProperty("security")[0].EnumerateObject().Single().Value[0].GetString()!; // Each names one.
                using var body = operation.Value.TryGetProperty("requestBody", out var described) ? new StringContent("{}", System.Text.Encoding.UTF8, described.GetProperty("content").EnumerateObject().First().Name) : null;
                var answer = await narrow.SendAsync(new HttpMethod(operation.Name.ToUpperInvariant()), path.Name.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal), body);
                if (scope == "returns:read" ? answer.Status == 403 : answer.Status != 403 || answer.Body.GetProperty("scope").GetString() != scope)
                    wrong.Add($"{operation.Name} {path.Name} needs {scope} and answers {answer.Status}");
            }
        }

        Assert.Empty(wrong);
        Assert.True(count > 100, $"Only {count} operations are described.");
    }

    [Fact]
    public async Task A_session_may_do_what_its_key_may_on_pages_too()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, owner, _) = await caravan.AddPartnerAsync("alpha");
        var made = await owner.SubmitAsync("/v1/keys", new { name = "packer", scopes = new[] { "fulfilment:read", "fulfilment:write" } });
        using var visitor = new PageVisitor(caravan);

        await visitor.OpenAsync("/sign-in?return=/picking");
        await visitor.SubmitAsync("/sign-in", ("key", made.Body.GetProperty("key").GetString()!));
        var picking = visitor.Status;
        await visitor.OpenAsync("/operations");

        Assert.Equal(200, picking);
        Assert.Equal(403, visitor.Status);
        Assert.Contains("operations:read", visitor.Text, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Store", "once")]
    public void Scopes_are_written_as_their_names_and_none_stated_is_everything()
    {
        var some = Scopes.Of(Area.Orders, isWrite: true) | Scopes.Of(Area.Stock, isWrite: false);

        Assert.Equal("stock:read orders:write", some.Written);
        Assert.Equal(some, Scopes.Read("orders:write stock:read what:ever"));
        Assert.Null(Scopes.All.Written);
        Assert.True(Scopes.Read(null).Includes(some));
        Assert.False(some.Includes(Scopes.All));
        Assert.Equal(default, Scopes.Read(""));
        Assert.False(Scopes.Read("").Includes(Scopes.Of(Area.Keys, isWrite: false)));
    }

    // A proxy ends HTTPS and comes to us without: the cookies must say what people use.
    [Theory]
    [Trait("Store", "once")]
    [InlineData("https://caravan.example", true)]
    [InlineData("", false)]
    public async Task Cookies_are_for_https_alone_where_people_come_by_it(string publicUrl, bool isSecure)
    {
        await using var caravan = await TestCaravan.StartAsync(settings => settings with { PublicUrl = publicUrl });
        var (_, _, key) = await caravan.AddPartnerAsync("alpha");
        var page = await caravan.Anonymous.GetAsync("/sign-in", TestCaravan.Cancel);
        var form = page.Headers.GetValues("Set-Cookie").Single();
        var token = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await page.Content.ReadAsStringAsync(TestCaravan.Cancel)).QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!; // Every form has one.

        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in") { Content = new FormUrlEncodedContent([new("key", key), new("return", "/"), new("__RequestVerificationToken", token)]) };
        request.Headers.Add("Cookie", form.Split(';')[0]);
        var session = (await caravan.Anonymous.SendAsync(request, TestCaravan.Cancel)).Headers.GetValues("Set-Cookie").Single();

        Assert.All([form, session], cookie => Assert.Equal(isSecure, cookie.Contains("; secure", StringComparison.OrdinalIgnoreCase)));
        Assert.All([form, session], cookie => Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase));
    }

    private static async Task<HttpClient> MadeAsync(TestCaravan caravan, HttpClient owner, params string[] scopes)
    {
        var made = await owner.SubmitAsync("/v1/keys", new { name = string.Join(' ', scopes), scopes });
        Assert.True(made.Status == 201, made.Body.ToString());
        return caravan.Client(made.Body.GetProperty("key").GetString());
    }
}
