using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Caravan.Tests.Platform.Access;

/// <summary>OAuth 2.0 client credentials: what is issued, what is refused and in which words, and every token that must not be taken.</summary>
public sealed class TokenTests
{
    [Fact]
    public async Task A_key_is_exchanged_for_a_token_that_the_api_takes_and_anybody_can_check_by_the_published_key()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (id, _, key) = await caravan.AddPartnerAsync("alpha");

        var answer = await AskAsync(caravan, key, ("grant_type", "client_credentials"));
        using var program = caravan.Client(answer.Body.GetProperty("access_token").GetString());
        var me = await program.FetchAsync("/v1/me");
        var keys = await caravan.Anonymous.FetchAsync("/.well-known/jwks.json");

        var token = answer.Body.GetProperty("access_token").GetString()!; // A token is text.
        var (header, payload) = (Part(token, 0), Part(token, 1));
        var published = keys.Body.GetProperty("keys")[0];
        Assert.Equal((200, "Bearer", 900L), (answer.Status, answer.Body.GetProperty("token_type").GetString(), answer.Body.GetProperty("expires_in").GetInt64()));
        Assert.Equal("no-store", answer.Response.Headers.CacheControl?.ToString());
        Assert.Equal((200, id.ToString()), (me.Status, me.Body.GetProperty("id").GetString()));
        Assert.Equal(("ES256", "at+jwt", published.GetProperty("kid").GetString()), (header.GetProperty("alg").GetString(), header.GetProperty("typ").GetString(), header.GetProperty("kid").GetString()));
        Assert.Equal(("urn:caravan:api", Issuer(caravan), PrefixOf(key)), (payload.GetProperty("aud").GetString(), payload.GetProperty("iss").GetString(), payload.GetProperty("client_id").GetString()));
        Assert.Equal(("EC", "P-256", "sig"), (published.GetProperty("kty").GetString(), published.GetProperty("crv").GetString(), published.GetProperty("use").GetString()));
        Assert.False(published.TryGetProperty("d", out _));
        using var check = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Bytes(published.GetProperty("x").GetString()!), Y = Bytes(published.GetProperty("y").GetString()!) } }); // A key has both.
        Assert.True(check.VerifyData(Encoding.ASCII.GetBytes(token[..token.LastIndexOf('.')]), Bytes(token.Split('.')[2]), HashAlgorithmName.SHA256));
    }

    [Fact]
    public async Task The_form_may_carry_the_secret_and_fewer_scopes_may_be_asked_for()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, _, key) = await caravan.AddPartnerAsync("alpha");

        var answer = await AskAsync(caravan, null, ("grant_type", "client_credentials"), ("client_id", "crv_" + PrefixOf(key)), ("client_secret", key), ("scope", "partners:read orders:read"));
        using var program = caravan.Client(answer.Body.GetProperty("access_token").GetString());

        Assert.Equal("partners:read orders:read", answer.Body.GetProperty("scope").GetString());
        Assert.Equal(200, (await program.FetchAsync("/v1/me")).Status);
        Assert.Equal((403, "items"), ((await program.FetchAsync("/v1/items")).Status, "items"));
        Assert.Equal(403, (await program.SubmitAsync("/v1/orders", "{}")).Status);
    }

    [Theory]
    [InlineData("", "invalid_request", 400)]
    [InlineData("grant_type=password", "unsupported_grant_type", 400)]
    [InlineData("grant_type=client_credentials&scope=orders:steal", "invalid_scope", 400)]
    [InlineData("grant_type=client_credentials&scope=%20", "invalid_scope", 400)]
    [InlineData("grant_type=client_credentials&grant_type=client_credentials", "invalid_request", 400)]
    [InlineData("grant_type=client_credentials&client_secret=crv_x", "invalid_request", 400)]
    public async Task What_is_wrong_is_said_in_the_words_of_the_standard(string form, string error, int status)
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, _, key) = await caravan.AddPartnerAsync("alpha");

        var answer = await AskAsync(caravan, key, form);

        Assert.Equal((status, error), (answer.Status, answer.Body.GetProperty("error").GetString()));
        Assert.Equal("no-store", answer.Response.Headers.CacheControl?.ToString());
        Assert.DoesNotContain(key, answer.Body.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_known_is_told_so_and_how_to_say_who_it_is()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, _, key) = await caravan.AddPartnerAsync("alpha");
        var (_, _, other) = await caravan.AddPartnerAsync("beta");

        var wrong = await AskAsync(caravan, key[..^1] + (key[^1] == 'a' ? 'b' : 'a'), "grant_type=client_credentials");
        var mixed = await AskAsync(caravan, null, ("grant_type", "client_credentials"), ("client_id", PrefixOf(key)), ("client_secret", other));
        var none = await AskAsync(caravan, null, "grant_type=client_credentials");
        var json = await caravan.Anonymous.SubmitAsync("/oauth/token", new { grant_type = "client_credentials" });
        var narrow = await caravan.Client(key).SubmitAsync("/v1/keys", new { name = "narrow", scopes = new[] { "orders:read" } });
        var more = await AskAsync(caravan, narrow.Body.GetProperty("key").GetString(), "grant_type=client_credentials&scope=orders:write");

        Assert.Equal((401, "invalid_client", "Basic realm=\"caravan\""), (wrong.Status, wrong.Body.GetProperty("error").GetString(), wrong.Response.Headers.WwwAuthenticate.Single().ToString()));
        Assert.Equal((401, "invalid_client"), (mixed.Status, mixed.Body.GetProperty("error").GetString()));
        Assert.Equal((401, "invalid_client"), (none.Status, none.Body.GetProperty("error").GetString()));
        Assert.Equal((400, "invalid_request"), (json.Status, json.Body.GetProperty("error").GetString()));
        Assert.Equal((400, "invalid_scope"), (more.Status, more.Body.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task A_token_ends_after_a_quarter_of_an_hour_and_never_later_than_its_key()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, owner, key) = await caravan.AddPartnerAsync("alpha");
        using var program = caravan.Client(await TokenAsync(caravan, key));
        var made = await owner.SubmitAsync("/v1/keys", new { name = "short", expiresAt = caravan.Clock.GetUtcNow().AddMinutes(5) });
        var brief = await AskAsync(caravan, made.Body.GetProperty("key").GetString(), "grant_type=client_credentials");

        caravan.Clock.Advance(TimeSpan.FromMinutes(14));
        var before = (await program.FetchAsync("/v1/me")).Status;
        caravan.Clock.Advance(TimeSpan.FromMinutes(1));
        var after = await program.FetchAsync("/v1/me");

        Assert.Equal(300, brief.Body.GetProperty("expires_in").GetInt64());
        Assert.Equal((200, 401), (before, after.Status));
        Assert.StartsWith("Bearer error=\"invalid_token\"", after.Response.Headers.WwwAuthenticate.Single().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoking_a_key_ends_its_tokens_and_narrowing_is_what_the_key_may_now()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, owner, _) = await caravan.AddPartnerAsync("alpha");
        var made = await owner.SubmitAsync("/v1/keys", new { name = "program", scopes = new[] { "partners:read" } });
        using var program = caravan.Client(await TokenAsync(caravan, made.Body.GetProperty("key").GetString()!)); // It was just made.
        var before = ((await program.FetchAsync("/v1/me")).Status, (await program.FetchAsync("/v1/orders")).Status);

        await owner.SendAsync(HttpMethod.Delete, $"/v1/keys/{made.Body.GetProperty("id").GetString()}");
        var after = (await program.FetchAsync("/v1/me")).Status;

        Assert.Equal((200, 403), before);
        Assert.Equal(401, after);
    }

    [Fact]
    public async Task Signing_keys_change_and_what_the_old_one_signed_holds_to_its_end()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, _, key) = await caravan.AddPartnerAsync("alpha");
        await TokenAsync(caravan, key);
        caravan.Clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromMinutes(5));
        var last = await TokenAsync(caravan, key);

        caravan.Clock.Advance(TimeSpan.FromMinutes(6));
        var first = await TokenAsync(caravan, key);
        using var old = caravan.Client(last);
        var holds = (await old.FetchAsync("/v1/me")).Status;
        var both = (await Kids(caravan)).Count;
        caravan.Clock.Advance(TimeSpan.FromHours(1));
        var left = await Kids(caravan);

        Assert.NotEqual(Kid(last), Kid(first));
        Assert.Equal((200, 2), (holds, both));
        Assert.Equal([Kid(first)], left);
    }

    [Fact]
    public async Task The_private_part_of_a_signing_key_is_not_in_the_store_as_it_is()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, _, key) = await caravan.AddPartnerAsync("alpha");
        await TokenAsync(caravan, key);

        var kept = await caravan.Store.ReadAsync(db => db.QueryAsync<byte[]>("SELECT private_key FROM signing_keys"), TestCaravan.Cancel);

        using var pair = ECDsa.Create();
        Assert.ThrowsAny<CryptographicException>(() => pair.ImportPkcs8PrivateKey(Assert.Single(kept), out _));
    }

    // What is forged, by how: none of it is let in.
    [Theory]
    [InlineData("alg none")]
    [InlineData("alg none, no signature")]
    [InlineData("HS256 with the public key as the secret")]
    [InlineData("signed by a stranger")]
    [InlineData("another tenant written in")]
    [InlineData("another audience")]
    [InlineData("another issuer")]
    [InlineData("another type")]
    [InlineData("no end")]
    [InlineData("ended")]
    [InlineData("not yet")]
    [InlineData("no kid")]
    [InlineData("kid of nobody")]
    [InlineData("signature cut")]
    [InlineData("no token at all")]
    public async Task A_token_that_we_did_not_issue_as_it_stands_is_turned_away(string how)
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, _, key) = await caravan.AddPartnerAsync("alpha");
        var (beta, _, _) = await caravan.AddPartnerAsync("beta");
        var good = await TokenAsync(caravan, key);
        var published = (await caravan.Anonymous.FetchAsync("/.well-known/jwks.json")).Body.GetProperty("keys")[0];
        var signing = caravan.Services.GetService(typeof(Caravan.Platform.Access.Tokens.SigningKeys)) as Caravan.Platform.Access.Tokens.SigningKeys;
        var ours = (Microsoft.IdentityModel.Tokens.ECDsaSecurityKey)(await signing!.CurrentAsync(TestCaravan.Cancel)).Credentials!.Key; // The server has it: a token was issued.
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = caravan.Clock.GetUtcNow().ToUnixTimeSeconds();

        var bad = how switch
        {
            "alg none" => $"{Changed(good, 0, ("alg", "none"))}.{good.Split('.')[1]}.{good.Split('.')[2]}",
            "alg none, no signature" => $"{Changed(good, 0, ("alg", "none"))}.{good.Split('.')[1]}.",
            "HS256 with the public key as the secret" => Hmac($"{Changed(good, 0, ("alg", "HS256"))}.{good.Split('.')[1]}", Encoding.ASCII.GetBytes(published.GetProperty("x").GetString()!)), // A key has it.
            "signed by a stranger" => Signed(good.Split('.')[0], good.Split('.')[1], stranger),
            "another tenant written in" => $"{good.Split('.')[0]}.{Changed(good, 1, ("tenant", beta.ToString()))}.{good.Split('.')[2]}",
            "another audience" => Signed(good.Split('.')[0], Changed(good, 1, ("aud", "urn:other:api")), ours.ECDsa),
            "another issuer" => Signed(good.Split('.')[0], Changed(good, 1, ("iss", "http://elsewhere.example")), ours.ECDsa),
            "another type" => Signed(Changed(good, 0, ("typ", "JWT")), good.Split('.')[1], ours.ECDsa),
            "no end" => Signed(good.Split('.')[0], Changed(good, 1, ("exp", null)), ours.ECDsa),
            "ended" => Signed(good.Split('.')[0], Changed(good, 1, ("exp", now)), ours.ECDsa),
            "not yet" => Signed(good.Split('.')[0], Changed(good, 1, ("nbf", now + 60)), ours.ECDsa),
            "no kid" => Signed(Changed(good, 0, ("kid", null)), good.Split('.')[1], ours.ECDsa),
            "kid of nobody" => Signed(Changed(good, 0, ("kid", "nobody")), good.Split('.')[1], ours.ECDsa),
            "signature cut" => good[..^4],
            _ => "a.b.c",
        };
        using var program = caravan.Client(bad);
        var answer = await program.FetchAsync("/v1/me");
        using var honest = caravan.Client(Signed(good.Split('.')[0], good.Split('.')[1], ours.ECDsa));

        Assert.Equal(401, answer.Status);
        Assert.Equal("urn:caravan:problem:unauthenticated", answer.Body.GetProperty("type").GetString());
        Assert.Equal(200, (await honest.FetchAsync("/v1/me")).Status); // What is turned away above is turned away for how it was changed.
    }

    // A token that names a key of one company and the tenant of another is held to the key's.
    [Fact]
    public async Task A_token_opens_nothing_of_a_company_that_its_key_is_not_of()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, _, key) = await caravan.AddPartnerAsync("alpha");
        var (beta, _, _) = await caravan.AddPartnerAsync("beta");
        var good = await TokenAsync(caravan, key);
        var signing = (Caravan.Platform.Access.Tokens.SigningKeys)caravan.Services.GetService(typeof(Caravan.Platform.Access.Tokens.SigningKeys))!; // It is registered.
        var ours = (Microsoft.IdentityModel.Tokens.ECDsaSecurityKey)(await signing.CurrentAsync(TestCaravan.Cancel)).Credentials!.Key; // As above.

        using var program = caravan.Client(Signed(good.Split('.')[0], Changed(good, 1, ("tenant", beta.ToString())), ours.ECDsa));

        Assert.Equal(401, (await program.FetchAsync("/v1/me")).Status);
    }

    [Fact]
    public async Task The_server_says_what_it_does_of_oauth_under_the_address_it_is_known_by()
    {
        await using var caravan = await TestCaravan.StartAsync(settings => settings with { PublicUrl = "https://caravan.example/" });
        var (_, _, key) = await caravan.AddPartnerAsync("alpha");

        var said = await caravan.Anonymous.FetchAsync("/.well-known/oauth-authorization-server");
        var token = await TokenAsync(caravan, key);
        using var program = caravan.Client(token);

        Assert.Equal(("https://caravan.example", "https://caravan.example/oauth/token"), (said.Body.GetProperty("issuer").GetString(), said.Body.GetProperty("token_endpoint").GetString()));
        Assert.Contains("orders:write", said.Body.GetProperty("scopes_supported").EnumerateArray().Select(scope => scope.GetString()));
        Assert.Equal("https://caravan.example", Part(token, 1).GetProperty("iss").GetString());
        Assert.Equal(200, (await program.FetchAsync("/v1/me")).Status);
    }

    private static string Issuer(TestCaravan caravan) => caravan.Address.GetLeftPart(UriPartial.Authority);

    private static string PrefixOf(string key) => key.Split('_')[1];

    private static async Task<string> TokenAsync(TestCaravan caravan, string key)
    {
        var answer = await AskAsync(caravan, key, "grant_type=client_credentials");
        Assert.True(answer.Status == 200, answer.Body.ToString());
        return answer.Body.GetProperty("access_token").GetString()!; // A token is text.
    }

    private static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> AskAsync(TestCaravan caravan, string? key, params (string Name, string Value)[] form) =>
        AskAsync(caravan, key, string.Join('&', form.Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}")));

    private static async Task<(int Status, JsonElement Body, HttpResponseMessage Response)> AskAsync(TestCaravan caravan, string? key, string form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token") { Content = new StringContent(form, Encoding.ASCII, "application/x-www-form-urlencoded") };
        if (key is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{PrefixOf(key)}:{key}")));
        var response = await caravan.Anonymous.SendAsync(request, TestCaravan.Cancel);
        return ((int)response.StatusCode, JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(TestCaravan.Cancel)), response);
    }

    private static async Task<List<string>> Kids(TestCaravan caravan)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(1_050), TimeProvider.System, TestCaravan.Cancel); // The server asks its store anew after a second.
        return [.. (await caravan.Anonymous.FetchAsync("/.well-known/jwks.json")).Body.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()!)]; // A key has one.
    }

    private static string Kid(string token) => Part(token, 0).GetProperty("kid").GetString()!; // Ours have one.

    private static JsonElement Part(string token, int part) => JsonSerializer.Deserialize<JsonElement>(Bytes(token.Split('.')[part]));

    private static string Changed(string token, int part, (string Name, object? Value) change)
    {
        var fields = JsonSerializer.Deserialize<Dictionary<string, object?>>(Bytes(token.Split('.')[part]))!; // An object.
        fields[change.Name] = change.Value;
        if (change.Value is null)
            fields.Remove(change.Name);
        return Base64(JsonSerializer.SerializeToUtf8Bytes(fields));
    }

    private static string Signed(string header, string payload, ECDsa key) => $"{header}.{payload}.{Base64(key.SignData(Encoding.ASCII.GetBytes($"{header}.{payload}"), HashAlgorithmName.SHA256))}";

    private static string Hmac(string text, byte[] secret) => $"{text}.{Base64(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(text)))}";

    private static string Base64(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static byte[] Bytes(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);
}
