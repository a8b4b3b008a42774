using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Caravan.Delivery;
using Caravan.Platform.Access;
using Caravan.Platform.Tenancy;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Delivery;

public sealed class CourierPageTests
{
    [Fact]
    public async Task A_courier_works_through_a_job_with_forms_alone()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var rider = await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r1", 1_000);
        var job = await world.BookAsync(world.Parcel());
        await world.PackAsync(job);
        await world.DispatchAsync();
        using var browser = await BrowserAsync(world, world.Fleet.Id);

        var list = await OpenAsync(browser, "/courier");
        var path = list.QuerySelector("table a")!.GetAttribute("href")!;
        var offered = await OpenAsync(browser, path);
        var accepted = await PressAsync(browser, offered, "Accept");
        var collected = await PressAsync(browser, accepted, "Collected");
        var wrong = await PressAsync(browser, collected, "Delivered", ("code", "111111"));
        var delivered = await PressAsync(browser, wrong, "Delivered", ("code", " 482913 "));

        Assert.Equal($"/courier/{rider}", path);
        Assert.Contains("Alpha S1", offered.Body!.TextContent, StringComparison.Ordinal);
        Assert.Contains("12 Lane of Lanterns", collected.Body!.TextContent, StringComparison.Ordinal);
        Assert.Contains("not the customer's code", wrong.Body!.TextContent, StringComparison.Ordinal);
        Assert.Contains("4 attempts left", wrong.Body!.TextContent, StringComparison.Ordinal);
        Assert.Contains("No stops yet", delivered.Body!.TextContent, StringComparison.Ordinal);
        Assert.Equal("delivered", (await world.JobAsync(job)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task What_cannot_be_delivered_is_noted_and_brought_back()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var rider = await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r1", 1_000);
        var job = await world.BookAsync(world.Parcel());
        await world.PackAsync(job);
        await world.DispatchAsync();
        await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "accept");
        await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "collect");
        using var browser = await BrowserAsync(world, world.Fleet.Id);

        var failed = await PressAsync(browser, await OpenAsync(browser, $"/courier/{rider}"), "Could not deliver", ("reason", "Nobody home"));
        await PressAsync(browser, failed, "Back at store");
        var off = await PressAsync(browser, await OpenAsync(browser, $"/courier/{rider}"), "Go off duty");

        Assert.Equal("Nobody home", (await world.JobAsync(job)).GetProperty("failureReason").GetString());
        Assert.Equal("returned", (await world.JobAsync(job)).GetProperty("status").GetString());
        Assert.Contains("Off duty", off.Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_session_the_page_leads_to_the_sign_in_and_without_the_forms_token_nothing_is_done()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var rider = await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r1", 1_000);
        var job = await world.BookAsync(world.Parcel());
        await world.DispatchAsync();
        using var browser = await BrowserAsync(world, world.Fleet.Id);
        using var neighbour = await BrowserAsync(world, world.Beta.Id);
        using var bare = new FormUrlEncodedContent([new("act", "accept")]);

        var stranger = await world.Caravan.Anonymous.FetchAsync($"/courier/{rider}");
        var foreign = await neighbour.GetAsync($"/courier/{rider}", TestCaravan.Cancel);
        var forged = await browser.PostAsync($"/courier/{rider}/jobs/{job}/act", bare, TestCaravan.Cancel);

        Assert.Equal(302, stranger.Status);
        Assert.StartsWith("/sign-in?return=", stranger.Response.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        Assert.Equal("assigned", (await world.JobAsync(job)).GetProperty("status").GetString());
    }

    private static async Task<HttpClient> BrowserAsync(DeliveryWorld world, PartnerId company)
    {
        var cookie = await world.Caravan.Services.GetRequiredService<ApiKeys>().OpenSessionAsync(new Caller(company, "test"), TestCaravan.Cancel);
        var cookies = new CookieContainer();
        cookies.Add(world.Caravan.Address, new Cookie("caravan-session", cookie));
        return new HttpClient(new HttpClientHandler { CookieContainer = cookies }) { BaseAddress = world.Caravan.Address };
    }

    private static async Task<IHtmlDocument> OpenAsync(HttpClient browser, string path)
    {
        var response = await browser.GetAsync(path, TestCaravan.Cancel);
        return await ReadAsync(response);
    }

    private static async Task<IHtmlDocument> PressAsync(HttpClient browser, IHtmlDocument page, string words, params (string Name, string Value)[] filled)
    {
        var form = page.QuerySelectorAll("form").First(one => one.QuerySelector("button")!.TextContent.Trim().StartsWith(words, StringComparison.Ordinal));
        var fields = form.QuerySelectorAll("input[type=hidden]").Select(input => new KeyValuePair<string, string>(input.GetAttribute("name")!, input.GetAttribute("value")!));
        using var content = new FormUrlEncodedContent(fields.Concat(filled.Select(one => new KeyValuePair<string, string>(one.Name, one.Value))));
        return await ReadAsync(await browser.PostAsync(form.GetAttribute("action"), content, TestCaravan.Cancel));
    }

    private static async Task<IHtmlDocument> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestCaravan.Cancel);
        Assert.True(response.IsSuccessStatusCode, text);
        return new HtmlParser().ParseDocument(text);
    }
}
