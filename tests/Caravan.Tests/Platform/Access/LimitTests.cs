using AngleSharp.Dom;
using Caravan.Platform.Access.Limits;

namespace Caravan.Tests.Platform.Access;

public sealed class LimitTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 3, 2, 0, 0, TimeSpan.Zero);

    // 5 a second, 10 at once: the 11th is refused; 0.2 s later one has come back, after 2 s all.
    [Fact]
    [Trait("Store", "once")]
    public void A_bucket_gives_what_it_holds_and_fills_by_the_clock()
    {
        var (bucket, rate) = (new Bucket(), Rate.Of(perSecond: 5, burst: 10));

        var first = Enumerable.Range(0, 10).Select(_ => bucket.Take(Start, rate)).ToList();
        var refused = bucket.Take(Start, rate);
        var early = bucket.Take(Start.AddMilliseconds(199), rate);
        var back = bucket.Take(Start.AddMilliseconds(200), rate);
        var full = bucket.Take(Start.AddMilliseconds(2_200), rate);

        Assert.All(first, taken => Assert.True(taken.IsTaken));
        Assert.Equal([9, 8, 7, 6, 5, 4, 3, 2, 1, 0], first.Select(taken => taken.Left));
        Assert.Equal((false, TimeSpan.FromMilliseconds(200)), (refused.IsTaken, refused.Wait));
        Assert.Equal((false, TimeSpan.FromMilliseconds(1)), (early.IsTaken, early.Wait));
        Assert.Equal((true, 0), (back.IsTaken, back.Left));
        Assert.Equal((true, 9), (full.IsTaken, full.Left));
    }

    [Fact]
    [Trait("Store", "once")]
    public void A_clock_that_is_set_back_costs_no_more_than_a_bucket_takes_to_fill()
    {
        var (bucket, rate) = (new Bucket(), Rate.Of(perSecond: 5, burst: 10));
        bucket.Take(Start, rate);

        var back = bucket.Take(Start.AddHours(-1), rate);

        Assert.True(back.Wait <= TimeSpan.FromMilliseconds(200));
        Assert.True(bucket.Take(Start.AddHours(-1).AddSeconds(2), rate).IsTaken);
    }

    [Fact]
    [Trait("Store", "once")]
    public async Task Many_who_take_at_once_get_no_more_than_there_is()
    {
        var (bucket, rate, taken) = (new Bucket(), Rate.Of(perSecond: 1, burst: 1_000), 0);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
            {
                if (bucket.Take(Start, rate).IsTaken)
                    Interlocked.Increment(ref taken);
            }
        })));

        Assert.Equal(1_000, taken);
    }

    [Fact]
    public async Task A_company_that_floods_is_told_when_to_come_again_and_others_hear_nothing_of_it()
    {
        await using var caravan = await TestCaravan.StartAsync(settings => settings with { RateLimit = 2 });
        var (_, alpha, _) = await caravan.AddPartnerAsync("alpha");
        var (_, beta, _) = await caravan.AddPartnerAsync("beta");

        var first = await alpha.FetchAsync("/v1/me");
        for (var i = 0; i < 3; i++)
            await alpha.FetchAsync("/v1/me");
        var refused = await alpha.FetchAsync("/v1/me");
        var other = await beta.FetchAsync("/v1/me");
        caravan.Clock.Advance(TimeSpan.FromMilliseconds(500));
        var after = await alpha.FetchAsync("/v1/me");

        Assert.Equal(("\"company\";q=4;w=2", "\"company\";r=3;t=1"), (Header(first.Response, "RateLimit-Policy"), Header(first.Response, "RateLimit")));
        Assert.Equal((429, "urn:caravan:problem:too-many-requests", "1"), (refused.Status, refused.Body.GetProperty("type").GetString(), Header(refused.Response, "Retry-After")));
        Assert.Equal((200, 200), (other.Status, after.Status));
    }

    [Fact]
    public async Task A_plan_of_its_own_holds_from_its_commit_on_and_no_limit_is_set_by_itself()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (id, alpha, _) = await caravan.AddPartnerAsync("alpha");
        var free = await alpha.FetchAsync("/v1/me");

        await caravan.Store.WriteAsync(tx => RateLimits.SetAsync(tx, id, 1), TestCaravan.Cancel);
        var statuses = new List<int>();
        for (var i = 0; i < 3; i++)
            statuses.Add((await alpha.FetchAsync("/v1/me")).Status);
        await caravan.Store.WriteAsync(tx => RateLimits.SetAsync(tx, id, null), TestCaravan.Cancel);
        var again = await alpha.FetchAsync("/v1/me");

        Assert.False(free.Response.Headers.Contains("RateLimit"));
        Assert.Equal([200, 200, 429], statuses);
        Assert.Equal(200, again.Status);
    }

    [Fact]
    [Trait("Store", "once")]
    public async Task What_is_open_to_all_counts_against_nobody()
    {
        await using var caravan = await TestCaravan.StartAsync(settings => settings with { RateLimit = 1 });
        var (_, alpha, _) = await caravan.AddPartnerAsync("alpha");

        for (var i = 0; i < 5; i++)
            Assert.Equal(200, (await alpha.FetchAsync("/caravan.css")).Status);

        Assert.Equal(200, (await alpha.FetchAsync("/v1/me")).Status);
    }

    [Fact]
    public async Task Who_tries_keys_is_slowed_down_and_a_right_key_is_let_in_all_the_same()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, _, key) = await caravan.AddPartnerAsync("alpha");
        using var visitor = new PageVisitor(caravan);
        await visitor.OpenAsync("/sign-in");
        var form = visitor.Page.QuerySelectorAll<AngleSharp.Html.Dom.IHtmlFormElement>("form").First(one => one.GetAttribute("action") == "/sign-in");

        List<int> statuses = [];
        for (var i = 0; i < 11; i++)
        {
            await visitor.SubmitAsync(form, ("key", "crv_abcdefghij_wrong"));
            statuses.Add(visitor.Status);
        }

        using var asked = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", "x"), new("client_secret", "y")]);
        var token = await caravan.Anonymous.SendAsync(HttpMethod.Post, "/oauth/token", asked);
        await visitor.SubmitAsync(form, ("key", key), ("return", "/operations/keys"));
        var right = visitor.Path;
        caravan.Clock.Advance(TimeSpan.FromSeconds(6));
        using var later = new PageVisitor(caravan); // From the same address.
        await later.OpenAsync("/sign-in");
        await later.SubmitAsync("/sign-in", ("key", "crv_abcdefghij_wrong"));

        Assert.Equal([200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 429], statuses); // Ten are led back to the page, which says that nobody has this key.
        Assert.Equal(429, token.Status);
        Assert.Equal("/operations/keys", right);
        Assert.Equal(200, later.Status);
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();
}
