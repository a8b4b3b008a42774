using AngleSharp.Html.Dom;
using Caravan.Platform.Access;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Platform.Access;

public sealed class KeyTests
{
    [Fact]
    public async Task A_key_is_seen_whole_once_and_a_repeated_request_gets_the_rest_of_its_answer()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, owner, _) = await caravan.AddPartnerAsync("alpha");

        var made = await owner.SubmitAsync("/v1/keys", new { name = "till", scopes = new[] { "orders:write" } }, key: "k1");
        var again = await owner.SubmitAsync("/v1/keys", new { name = "till", scopes = new[] { "orders:write" } }, key: "k1");
        var got = await owner.FetchAsync(made.Response.Headers.Location!.ToString()); // A 201 has one.
        var kept = await caravan.Store.ReadAsync(db => db.QueryAsync<string>("SELECT body FROM idempotency_keys"), TestCaravan.Cancel);

        var secret = made.Body.GetProperty("key").GetString()!;
        Assert.Equal((201, 201, 200), (made.Status, again.Status, got.Status));
        Assert.StartsWith($"crv_{made.Body.GetProperty("prefix").GetString()}_", secret, StringComparison.Ordinal);
        Assert.Equal("no-store", made.Response.Headers.CacheControl?.ToString());
        Assert.Equal(made.Body.GetProperty("id").GetString(), again.Body.GetProperty("id").GetString());
        Assert.False(again.Body.TryGetProperty("key", out _));
        Assert.False(got.Body.TryGetProperty("key", out _));
        Assert.DoesNotContain(kept, body => body.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_revoked_key_opens_nothing_from_its_very_commit_on_nor_do_its_sessions()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, owner, _) = await caravan.AddPartnerAsync("alpha");
        var (id, program, key) = await MadeAsync(caravan, owner, new { name = "till" });
        using var visitor = new PageVisitor(caravan);
        await visitor.OpenAsync("/sign-in?return=/operations/orders");
        await visitor.SubmitAsync("/sign-in", ("key", key));
        Assert.Equal("/operations/orders", visitor.Path);
        Assert.Equal(200, (await program.FetchAsync("/v1/me")).Status);

        var revoked = await owner.SendAsync(HttpMethod.Delete, $"/v1/keys/{id}");
        var after = await program.FetchAsync("/v1/me");
        await visitor.OpenAsync("/operations/orders");
        var twice = await owner.SendAsync(HttpMethod.Delete, $"/v1/keys/{id}");

        Assert.Equal((204, 401, 404), (revoked.Status, after.Status, twice.Status));
        Assert.StartsWith("/sign-in", visitor.Path, StringComparison.Ordinal);
        program.Dispose();
    }

    [Fact]
    public async Task A_key_ends_at_its_time()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, owner, _) = await caravan.AddPartnerAsync("alpha");
        var (_, program, key) = await MadeAsync(caravan, owner, new { name = "visitor", expiresAt = caravan.Clock.GetUtcNow().AddHours(1) });
        var cookie = await caravan.Services.GetRequiredService<ApiKeys>().OpenSessionAsync((await caravan.Services.GetRequiredService<ApiKeys>().OfKeyAsync(key, TestCaravan.Cancel))!, TestCaravan.Cancel); // It holds now.

        caravan.Clock.Advance(TimeSpan.FromMinutes(59));
        var before = await program.FetchAsync("/v1/me");
        var session = await caravan.Services.GetRequiredService<ApiKeys>().OfSessionAsync(cookie, TestCaravan.Cancel);
        caravan.Clock.Advance(TimeSpan.FromMinutes(1));
        var after = await program.FetchAsync("/v1/me");
        var ended = await caravan.Services.GetRequiredService<ApiKeys>().OfSessionAsync(cookie, TestCaravan.Cancel);

        Assert.Equal((200, 401), (before.Status, after.Status));
        Assert.NotNull(session);
        Assert.Null(ended);
        program.Dispose();
    }

    [Fact]
    public async Task A_rotated_key_goes_on_beside_the_new_one_for_as_long_as_was_said()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, owner, _) = await caravan.AddPartnerAsync("alpha");
        var (id, old, _) = await MadeAsync(caravan, owner, new { name = "till", scopes = new[] { "partners:read" } });

        var rotated = await owner.SubmitAsync($"/v1/keys/{id}:rotate", new { keepMinutes = 10 });
        var third = await owner.SubmitAsync($"/v1/keys/{id}:rotate", new { });
        using var fresh = caravan.Client(rotated.Body.GetProperty("key").GetString());
        var both = ((await old.FetchAsync("/v1/me")).Status, (await fresh.FetchAsync("/v1/me")).Status);
        caravan.Clock.Advance(TimeSpan.FromMinutes(10));
        var later = ((await old.FetchAsync("/v1/me")).Status, (await fresh.FetchAsync("/v1/me")).Status, (await fresh.FetchAsync("/v1/orders")).Status);

        Assert.Equal(201, rotated.Status);
        Assert.Equal((409, "urn:caravan:problem:too-many-keys"), (third.Status, third.Body.GetProperty("type").GetString()));
        Assert.Equal((200, 200), both);
        Assert.Equal((401, 200, 403), later);
        old.Dispose();
    }

    [Fact]
    public async Task A_key_makes_none_that_may_more_than_itself()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, owner, _) = await caravan.AddPartnerAsync("alpha");
        var (_, narrow, _) = await MadeAsync(caravan, owner, new { name = "clerk", scopes = new[] { "keys:read", "keys:write", "orders:read" } });
        var full = (await owner.FetchAsync("/v1/keys")).Body.GetProperty("items").EnumerateArray().First(key => key.GetProperty("name").GetString() == "test").GetProperty("id").GetString();

        var more = await narrow.SubmitAsync("/v1/keys", new { name = "x", scopes = new[] { "orders:read", "orders:write" } });
        var all = await narrow.SubmitAsync("/v1/keys", new { name = "x" });
        var anew = await narrow.SubmitAsync($"/v1/keys/{full}:rotate", new { });
        var less = await narrow.SubmitAsync("/v1/keys", new { name = "x", scopes = new[] { "orders:read" } });

        Assert.Equal((403, "orders:write"), (more.Status, more.Body.GetProperty("scope").GetString()));
        Assert.Equal((403, 403, 201), (all.Status, anew.Status, less.Status));
        narrow.Dispose();
    }

    [Fact]
    public async Task The_last_key_that_makes_keys_is_not_revoked_and_another_companys_is_not_there()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, alpha, _) = await caravan.AddPartnerAsync("alpha");
        var (_, beta, _) = await caravan.AddPartnerAsync("beta");
        await MadeAsync(caravan, alpha, new { name = "reader", scopes = new[] { "orders:read" } });
        var id = (await alpha.FetchAsync("/v1/keys")).Body.GetProperty("items").EnumerateArray().First(key => !key.TryGetProperty("scopes", out _)).GetProperty("id").GetString();

        var last = await alpha.SendAsync(HttpMethod.Delete, $"/v1/keys/{id}");
        var foreign = await beta.SendAsync(HttpMethod.Delete, $"/v1/keys/{id}");
        var made = await alpha.SubmitAsync("/v1/keys", new { name = "next" });
        var then = await alpha.SendAsync(HttpMethod.Delete, $"/v1/keys/{id}");

        Assert.Equal((409, "urn:caravan:problem:last-key"), (last.Status, last.Body.GetProperty("type").GetString()));
        Assert.Equal((404, 201, 204), (foreign.Status, made.Status, then.Status));
    }

    [Fact]
    public async Task When_a_key_was_last_used_is_written_down()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, owner, _) = await caravan.AddPartnerAsync("alpha");
        var (id, program, _) = await MadeAsync(caravan, owner, new { name = "till" });
        Assert.False((await owner.FetchAsync($"/v1/keys/{id}")).Body.TryGetProperty("lastUsedAt", out _));

        await program.FetchAsync("/v1/me");
        await caravan.Services.GetRequiredService<ApiKeys>().WriteUsesAsync(TestCaravan.Cancel);
        var used = await owner.FetchAsync($"/v1/keys/{id}");

        Assert.Equal(caravan.Clock.GetUtcNow(), used.Body.GetProperty("lastUsedAt").GetDateTimeOffset());
        program.Dispose();
    }

    [Theory]
    [InlineData("""{"scopes":["orders:read"]}""", "#/name")]
    [InlineData("""{"name":"x","scopes":["orders:steal"]}""", "#/scopes/0")]
    [InlineData("""{"name":"x","scopes":[]}""", "#/scopes")]
    [InlineData("""{"name":"x","expiresAt":"2020-01-01T00:00:00Z"}""", "#/expiresAt")]
    [InlineData("""{"name":"x","tenant":"ptn_01h455vb4pex5vsknk084sn02q"}""", "#/tenant")]
    [InlineData("""{"name":"x","prefix":"abc"}""", "#/prefix")]
    public async Task A_faulty_key_is_refused_by_the_name_of_its_field(string body, string pointer)
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, owner, _) = await caravan.AddPartnerAsync("alpha");

        var answer = await owner.SubmitAsync("/v1/keys", body);

        Assert.Equal(400, answer.Status);
        Assert.Contains(pointer, answer.Body.Faults());
    }

    [Fact]
    public async Task The_page_makes_a_key_shows_it_once_and_revokes_it()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, _, key) = await caravan.AddPartnerAsync("alpha");
        using var visitor = new PageVisitor(caravan);
        await visitor.OpenAsync("/sign-in?return=/operations/keys");
        await visitor.SubmitAsync("/sign-in", ("key", key));
        Assert.Contains("(this session)", visitor.Text, StringComparison.Ordinal);

        await visitor.SubmitAsync("/operations/keys", ("name", "till"), ("may", "some"), ("scopes", "orders:write"));
        var whole = visitor.Page.QuerySelector("code.whole")!.TextContent; // The page shows it.
        using var program = caravan.Client(whole);
        var refused = await program.FetchAsync("/v1/orders");
        await visitor.OpenAsync("/operations/keys");
        var isShownAgain = visitor.Text.Contains(whole, StringComparison.Ordinal);
        await visitor.SubmitAsync(visitor.Page.QuerySelectorAll("form").OfType<IHtmlFormElement>().First(form => form.GetAttribute("action")!.EndsWith("/revoke", StringComparison.Ordinal) && form.Closest("tr")!.TextContent.Contains("till", StringComparison.Ordinal)));
        var after = await program.FetchAsync("/v1/orders");

        Assert.Equal(403, refused.Status);
        Assert.False(isShownAgain);
        Assert.Equal("/operations/keys", visitor.Path);
        Assert.DoesNotContain("till", visitor.Page.QuerySelector("table")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(401, after.Status);
    }

    [Fact]
    public async Task Sessions_are_seen_by_their_company_and_ended_by_it_alone()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, _, key) = await caravan.AddPartnerAsync("alpha");
        var (_, _, other) = await caravan.AddPartnerAsync("beta");
        using var here = await SignedInAsync(caravan, key);
        using var elsewhere = await SignedInAsync(caravan, key);
        using var stranger = await SignedInAsync(caravan, other);
        await here.OpenAsync("/operations/keys");
        var ends = here.Page.QuerySelectorAll("form").OfType<IHtmlFormElement>().Where(form => form.GetAttribute("action")!.EndsWith("/end", StringComparison.Ordinal)).ToList(); // Ours have one.
        var theirs = ends.Single(form => !form.Closest("tr")!.TextContent.Contains("(you)", StringComparison.Ordinal)); // It stands in a row.
        await stranger.OpenAsync("/operations/keys");
        var strangers = stranger.Page.QuerySelectorAll("form").OfType<IHtmlFormElement>().Count(form => form.GetAttribute("action")!.EndsWith("/end", StringComparison.Ordinal)); // As above.

        var form = stranger.Page.QuerySelectorAll("form").OfType<IHtmlFormElement>().First(one => one.GetAttribute("action") == "/operations/keys");
        form.SetAttribute("action", theirs.GetAttribute("action"));
        await stranger.SubmitAsync(form);
        var foreign = stranger.Status;
        await elsewhere.OpenAsync("/operations/keys");
        var before = elsewhere.Path;
        await here.SubmitAsync(theirs);
        await elsewhere.OpenAsync("/operations/keys");

        Assert.Equal((2, 1), (ends.Count, strangers));
        Assert.Equal((404, "/operations/keys"), (foreign, before));
        Assert.Equal("/operations/keys", here.Path);
        Assert.StartsWith("/sign-in", elsewhere.Path, StringComparison.Ordinal);
    }

    private static async Task<PageVisitor> SignedInAsync(TestCaravan caravan, string key)
    {
        var visitor = new PageVisitor(caravan);
        await visitor.OpenAsync("/sign-in?return=/operations/keys");
        await visitor.SubmitAsync("/sign-in", ("key", key));
        return visitor;
    }

    [Fact]
    public async Task A_form_of_another_site_makes_no_key_in_a_persons_name()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, owner, key) = await caravan.AddPartnerAsync("alpha");
        using var visitor = new PageVisitor(caravan);
        await visitor.OpenAsync("/sign-in?return=/operations/keys");
        await visitor.SubmitAsync("/sign-in", ("key", key));

        await visitor.SubmitAsync("/operations/keys", ("name", "till"), ("may", "all"), ("__RequestVerificationToken", "forged"));

        Assert.Equal(400, visitor.Status);
        Assert.Equal(1, (await owner.FetchAsync("/v1/keys")).Body.GetProperty("items").GetArrayLength());
    }

    [Fact]
    [Trait("Store", "once")]
    public void A_keys_id_holds_its_public_part()
    {
        var id = ApiKeys.IdOf("abcdefghij");

        Assert.Equal("abcdefghij", ApiKeys.PrefixOf(id));
        Assert.Null(ApiKeys.PrefixOf(default));
        Assert.Null(ApiKeys.PrefixOf(new Caravan.Platform.Ids.Id<Caravan.Platform.Ids.KeyIdKind>(Guid.CreateVersion7())));
    }

    private static async Task<(string Id, HttpClient Http, string Key)> MadeAsync(TestCaravan caravan, HttpClient owner, object body)
    {
        var made = await owner.SubmitAsync("/v1/keys", body);
        Assert.True(made.Status == 201, made.Body.ToString());
        var key = made.Body.GetProperty("key").GetString()!; // A key just made is whole.
        return (made.Body.GetProperty("id").GetString()!, caravan.Client(key), key);
    }
}
