using System.Globalization;
using System.Text;
using System.Text.Json;
using Caravan.Platform.Outbox;
using Caravan.Tests.Fulfilment;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Edi;

/// <summary>Trading partners and their files, whatever world they stand in.</summary>
internal static class EdiWorld
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>An X12 interchange of one message, counted right.</summary>
    public static string X12(string sender, string receiver, int control, string type, string code, string body, string test = "P") => string.Create(
        CultureInfo.InvariantCulture,
        $"ISA*00*          *00*          *ZZ*{sender,-15}*ZZ*{receiver,-15}*261103*0155*U*00401*{control:000000000}*0*{test}*>~GS*{code}*{sender}*{receiver}*20261103*0155*{control}*X*004010~ST*{type}*0001~{body}SE*{body.Count(one => one == '~') + 2}*0001~GE*1*{control}~IEA*1*{control:000000000}~");

    /// <summary>An EDIFACT interchange of one message, counted right.</summary>
    public static string Edifact(string sender, string receiver, string control, string type, string body) =>
        $"UNB+UNOC:3+{sender}:14+{receiver}:14+261103:0155+{control}'UNH+1+{type}:D:96A:UN:EAN008'{body}UNT+{body.Count(one => one == '\'') + 2}+1'UNZ+1+{control}'";

    public static async Task<JsonElement> AddPartnerAsync(HttpClient http, object partner)
    {
        var answer = await http.SubmitAsync("/v1/edi/partners", partner);
        Assert.True(answer.Status == 201, answer.Body.ToString());
        return answer.Body;
    }

    public static async Task<(int Status, JsonElement Body)> SendAsync(HttpClient http, string text)
    {
        using var content = new ByteArrayContent(Encoding.Latin1.GetBytes(text));
        content.Headers.ContentType = new("application/edi-x12");
        var answer = await http.SubmitAsync("/v1/edi/interchanges", content);
        return (answer.Status, answer.Body);
    }

    /// <summary>Sends an interchange that is taken; it, whole.</summary>
    public static async Task<JsonElement> TakenAsync(HttpClient http, string text)
    {
        var (status, body) = await SendAsync(http, text);
        Assert.True(status == 200, body.ToString());
        return Assert.Single(body.GetProperty("interchanges").EnumerateArray());
    }

    public static string StateOf(JsonElement taken) => taken.GetProperty("interchange").GetProperty("state").GetString()!;

    public static string AnswersOf(JsonElement taken) => string.Concat(taken.GetProperty("acknowledgements").EnumerateArray().Select(answer => answer.GetProperty("text").GetString()!.ReplaceLineEndings("")));

    /// <summary>The newest that went out of a type, once there are as many as wanted, on one line.</summary>
    public static async Task<string> SentAsync(FulfilmentWorld world, HttpClient http, string type, int count = 1)
    {
        var outbox = world.Caravan.Services.GetRequiredService<Outbox>();
        for (var until = DateTime.UtcNow + Patience; DateTime.UtcNow < until;)
        {
            var changed = outbox.Changed;
            var sent = (await http.FetchAsync("/v1/edi/interchanges?direction=out")).Body.GetProperty("items").EnumerateArray().Where(one => one.GetProperty("types").ToString().Contains(type, StringComparison.Ordinal)).OrderByDescending(one => one.GetProperty("controlNumber").GetString(), StringComparer.Ordinal).ToList();
            Assert.True(sent.Count <= count, $"{sent.Count} of {type} were sent.");
            if (sent.Count == count)
                return Encoding.UTF8.GetString((await http.FetchAsync($"/v1/edi/interchanges/{sent[0].GetProperty("id").GetString()}")).Body.GetProperty("raw").GetBytesFromBase64()).ReplaceLineEndings("");

            // An interchange that is written is no event; the subscriber may be a moment behind the event that it answers.
            await Task.WhenAny(changed, Task.Delay(100, TestCaravan.Cancel));
        }

        throw new TimeoutException($"No {type} was sent.");
    }
}
