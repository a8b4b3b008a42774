using Caravan.Tests.Platform;

namespace Caravan.Tests.Stock;

public sealed class BadInputTests
{
    // FEED, PLACE, OTHERS and ITEM are replaced by ids; NOW by an instant.
    [Theory]
    [InlineData("POST", "/v1/feeds", """{}""", "#/name")]
    [InlineData("POST", "/v1/feeds", """{"name":""}""", "#/name")]
    [InlineData("POST", "/v1/feeds", """{"name":"a","buffer":-1}""", "#/buffer")]
    [InlineData("POST", "/v1/feeds", """{"name":"a","staleAfterMinutes":0}""", "#/staleAfterMinutes")]
    [InlineData("POST", "/v1/feeds", """{"name":"a","breakerPercent":101}""", "#/breakerPercent")]
    [InlineData("POST", "/v1/feeds", """{"name":"a","itemCodes":"isbn"}""", "#/itemCodes")]
    [InlineData("POST", "/v1/feeds", """{"name":"a","brakerPercent":5}""", "#/brakerPercent")]
    [InlineData("PATCH", "FEED", """{"breakerPercent":0}""", "#/breakerPercent")]
    [InlineData("PATCH", "FEED", """{"name":" "}""", "#/name")]
    [InlineData("PUT", "FEED/mappings", """{}""", "#")]
    [InlineData("PUT", "FEED/mappings", """{"items":[{"code":"a"}]}""", "#/items/0/item")]
    [InlineData("PUT", "FEED/mappings", """{"items":[{"code":"a","sku":"nothing"}]}""", "#/items/0/sku")]
    [InlineData("PUT", "FEED/mappings", """{"items":[{"code":"","sku":"A00"}]}""", "#/items/0/code")]
    [InlineData("PUT", "FEED/mappings", """{"items":[{"code":"a","item":"itm_x"}]}""", "#/items/0/item")]
    [InlineData("PUT", "FEED/mappings", """{"items":[null]}""", "#/items/0")]
    [InlineData("PUT", "FEED/mappings", """{"locations":[{"code":"a","location":"OTHERS"}]}""", "#/locations/0/location")]
    [InlineData("PUT", "FEED/mappings", """{"locations":[{"code":"a"}]}""", "#/locations/0/location")]
    [InlineData("POST", "FEED/snapshots", """{"lines":[]}""", "#/asOf")]
    [InlineData("POST", "FEED/snapshots", """{"asOf":"NOW"}""", "#/lines")]
    [InlineData("POST", "FEED/snapshots", """{"asOf":"NOW","lines":null}""", "#/lines")]
    [InlineData("POST", "FEED/snapshots", """{"asOf":"NOW","lines":[null]}""", "#/lines/0")]
    [InlineData("POST", "FEED/snapshots", """{"asOf":"2031-01-01T00:00:00Z","lines":[]}""", "#/asOf")]
    [InlineData("POST", "FEED/snapshots", """{"asOf":"1990-01-01T00:00:00Z","lines":[]}""", "#/asOf")]
    [InlineData("POST", "FEED/snapshots", """{"asOf":"NOW","sequence":0,"lines":[]}""", "#/sequence")]
    [InlineData("POST", "FEED/snapshots", """{"asOf":"NOW","sequence":1e30,"lines":[]}""", "#/sequence")]
    [InlineData("POST", "FEED/snapshots", """{"asOf":"NOW","scope":{},"lines":[]}""", "#/scope")]
    [InlineData("POST", "FEED/snapshots", """{"asOf":"NOW","scope":{"locations":[]},"lines":[]}""", "#/scope/locations")]
    [InlineData("POST", "FEED/snapshots", """{"asOf":"NOW","scope":{"locations":["S1","nowhere"]},"lines":[]}""", "#/scope/locations/1")]
    [InlineData("POST", "FEED/snapshots", """{"asOf":"NOW","scope":{"locations":[null]},"lines":[]}""", "#/scope/locations/0")]
    [InlineData("POST", "FEED/snapshots", """{"asOf":"NOW","scope":{"items":["nothing"]},"lines":[]}""", "#/scope/items/0")]
    [InlineData("POST", "FEED/snapshots", """{"asOf":"NOW","lines":[{"location":"S1","item":"A00","change":1}]}""", "#/lines/0/change")]
    [InlineData("POST", "FEED/deltas", """{"asOf":"NOW","lines":[{"location":"S1","item":"A00","change":1,"quantity":1}]}""", "#/lines/0")]
    [InlineData("POST", "FEED/deltas", """{"asOf":"NOW","lines":[{"location":"S1","item":12,"change":1}]}""", "#/lines/0/item")]
    [InlineData("POST", "FEED/deltas", """{"asOf":"NOW","lines":[{"location":"S1","item":"A00","amount":1}]}""", "#/lines/0/amount")]
    [InlineData("POST", "FEED/deltas", """{"asOf":"NOW","scope":{},"lines":[]}""", "#/scope")]
    [InlineData("POST", "/v1/stock/receipts", """{"cause":"a","lines":[{"sku":"A00","quantity":1}]}""", "#/location")]
    [InlineData("POST", "/v1/stock/receipts", """{"location":"OTHERS","cause":"a","lines":[{"sku":"A00","quantity":1}]}""", "#/location")]
    [InlineData("POST", "/v1/stock/receipts", """{"location":"PLACE","cause":"a","lines":[]}""", "#/lines")]
    [InlineData("POST", "/v1/stock/receipts", """{"location":"PLACE","cause":"a","lines":[null]}""", "#/lines/0")]
    [InlineData("POST", "/v1/stock/receipts", """{"location":"PLACE","cause":"","lines":[{"sku":"A00","quantity":1}]}""", "#/cause")]
    [InlineData("POST", "/v1/stock/receipts", """{"location":"PLACE","cause":"a","lines":[{"sku":"A00","quantity":0}]}""", "#/lines/0/quantity")]
    [InlineData("POST", "/v1/stock/receipts", """{"location":"PLACE","cause":"a","lines":[{"sku":"A00","quantity":1.5}]}""", "#/lines/0/quantity")]
    [InlineData("POST", "/v1/stock/receipts", """{"location":"PLACE","cause":"a","lines":[{"sku":"A00","quantity":10000001}]}""", "#/lines/0/quantity")]
    [InlineData("POST", "/v1/stock/receipts", """{"location":"PLACE","cause":"a","lines":[{"quantity":1}]}""", "#/lines/0/item")]
    [InlineData("POST", "/v1/stock/receipts", """{"location":"PLACE","cause":"a","lines":[{"sku":"nothing","quantity":1}]}""", "#/lines/0/sku")]
    [InlineData("POST", "/v1/stock/receipts", """{"location":"PLACE","cause":"a","lines":[{"sku":"A00","quantity":1},{"item":"ITEM","quantity":1}]}""", "#/lines/1")]
    [InlineData("POST", "/v1/stock/adjustments", """{"location":"PLACE","cause":"a","lines":[{"sku":"A00"}]}""", "#/lines/0/change")]
    [InlineData("POST", "/v1/stock/adjustments", """{"location":"PLACE","cause":"a","lines":[{"sku":"A00","change":-1}]}""", "#/lines/0/change")]
    [InlineData("POST", "/v1/stock/adjustments", """{"location":"PLACE","cause":"a","lines":[{"sku":"A00","counted":-1}]}""", "#/lines/0/counted")]
    [InlineData("GET", "/v1/stock?cursor=x", null, "?cursor")]
    [InlineData("GET", "/v1/stock?item=x", null, "item")]
    [InlineData("GET", "/v1/stock?limit=0", null, "?limit")]
    [InlineData("GET", "/v1/stock/movements?cursor=x", null, "cursor")]
    [InlineData("GET", "/v1/stock/shortfalls?cursor=a~b", null, "?cursor")]
    [InlineData("GET", "FEED/rejected?cursor=x", null, "?cursor")]
    [InlineData("GET", "FEED/mappings?cursor=x", null, "?cursor")]
    [InlineData("GET", "FEED/documents?cursor=x", null, "cursor")]
    public async Task A_faulty_request_is_refused_by_the_name_of_its_field(string method, string path, string? body, string pointer)
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync();

        var answer = await world.Http.SendAsync(
            new HttpMethod(method),
            path.Replace("FEED", feed, StringComparison.Ordinal),
            body?.Replace("PLACE", world.Places["S1"].ToString(), StringComparison.Ordinal)
                .Replace("OTHERS", world.StrangersPlace.ToString(), StringComparison.Ordinal)
                .Replace("ITEM", world.Items["A00"].ToString(), StringComparison.Ordinal)
                .Replace("NOW", "2026-11-03T02:00:00Z", StringComparison.Ordinal));

        Assert.Equal(400, answer.Status);
        Assert.Contains(pointer, answer.Body.Faults());
    }
}
