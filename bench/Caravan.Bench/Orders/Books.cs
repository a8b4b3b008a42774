using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Caravan.Bench.Orders;

/// <summary>
/// Holds what was acknowledged against the server's own books, read over its public API: every unit of an acknowledged order
/// is reserved, none besides, and (where there are not too many to list) there are as many orders.
/// </summary>
internal sealed class Books(Uri address, string key)
{
    private const long ListedMax = 20_000; // A page of 200 orders is some work for the server.

    /// <summary>Whether the books agree; what they say is told either way. Orders that were there before are not counted.</summary>
    public async Task<bool> AgreeAsync(string name, Answers answers, long unitsPlaced, int unitsAnOrderMax, CancellationToken cancel, bool hasOthers = false)
    {
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var reserved = 0L;
        var negative = 0;
        await WalkAsync(client, "/v1/stock?limit=200", cell =>
        {
            reserved += cell.GetProperty("reserved").GetInt64();
            negative += cell.GetProperty("sellable").GetInt64() < 0 || cell.GetProperty("reserved").GetInt64() > cell.GetProperty("onHand").GetInt64() ? 1 : 0;
        }, cancel);
        var listed = answers.All <= ListedMax && !hasOthers ? 0L : (long?)null;
        if (listed is not null)
            await WalkAsync(client, "/v1/orders?limit=200", _ => listed++, cancel);

        // Whether an order is stored whose answer was lost, only the books know.
        var agree = negative == 0
            && reserved >= unitsPlaced && reserved <= unitsPlaced + (answers.Unknown * unitsAnOrderMax)
            && (listed is null || (listed >= answers.Placed && listed <= answers.Placed + answers.Unknown));
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}, books: {answers.Placed:N0} orders acknowledged with {unitsPlaced:N0} units, {answers.Unknown:N0} unknown; {reserved:N0} units reserved, {(listed is { } count ? $"{count:N0} orders listed" : "too many orders to list")}, {negative} cells oversold: {(agree ? "they agree" : "THEY DIFFER")}."));
        return agree;
    }

    private static async Task WalkAsync(HttpClient client, string list, Action<JsonElement> visit, CancellationToken cancel)
    {
        for (var next = list; next is not null;)
        {
            using var answer = await client.GetAsync(new Uri(next, UriKind.Relative), cancel);
            if (!answer.IsSuccessStatusCode)
                throw new BenchException($"The books cannot be read: GET {next} was answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancel)}");

            using var page = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancel), cancellationToken: cancel);
            foreach (var entry in page.RootElement.GetProperty("items").EnumerateArray())
                visit(entry);
            next = page.RootElement.TryGetProperty("next", out var cursor) && cursor.GetString() is { } after ? $"{list}&cursor={Uri.EscapeDataString(after)}" : null;
        }
    }
}
