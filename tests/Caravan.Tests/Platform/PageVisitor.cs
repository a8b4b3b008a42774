using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Caravan.Tests.Platform;

/// <summary>Walks pages as a browser without script does: keeps cookies, follows redirects, fills forms in and sends them.</summary>
public sealed class PageVisitor(TestCaravan caravan) : IDisposable
{
    private readonly HttpClient http = new(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = caravan.Address };

    public int Status { get; private set; }

    public HttpResponseMessage Response { get; private set; } = new();

    public IHtmlDocument Page { get; private set; } = new HtmlParser().ParseDocument("");

    /// <summary>Where the last answer came from, after redirects.</summary>
    public string Path => Response.RequestMessage!.RequestUri!.PathAndQuery; // Every answer of this client has its request.

    public string Text => string.Join(' ', Page.Body!.TextContent.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries)); // The parser always makes a body.

    public async Task OpenAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        await SendAsync(request);
    }

    /// <summary>Sends the form of that action, as it stands on the page, with some fields changed; the first that fits.</summary>
    public async Task SubmitAsync(string action, params (string Name, string Value)[] changed) =>
        await SubmitAsync(Page.QuerySelectorAll<IHtmlFormElement>("form").FirstOrDefault(form => form.GetAttribute("action") == action)
            ?? throw new InvalidOperationException($"No form of action {action} on {Path}; there are: {string.Join(", ", Page.Forms.Select(form => form.GetAttribute("action")))}"), changed);

    /// <summary>Sends a form that takes files.</summary>
    public async Task UploadAsync(string action, IReadOnlyDictionary<string, (string Name, string Text)> files, params (string Name, string Value)[] changed)
    {
        var form = Page.QuerySelectorAll<IHtmlFormElement>("form").First(one => one.GetAttribute("action") == action);
        using var content = new MultipartFormDataContent();
        foreach (var input in form.QuerySelectorAll("input, select").Where(input => input.GetAttribute("type") != "file"))
        {
            var name = input.GetAttribute("name")!; // Fields of ours have names.
            var value = input is IHtmlSelectElement select ? select.Value : ((IHtmlInputElement)input).Value;
            content.Add(new StringContent(changed.FirstOrDefault(one => one.Name == name).Value ?? value ?? ""), name);
        }

        foreach (var (field, (name, text)) in files)
            content.Add(new StringContent(text), field, name);
        using var request = new HttpRequestMessage(HttpMethod.Post, action) { Content = content };
        await SendAsync(request);
    }

    public async Task SubmitAsync(IHtmlFormElement form, params (string Name, string Value)[] changed)
    {
        var fields = new Dictionary<string, string>();
        foreach (var input in form.QuerySelectorAll("input, select, textarea"))
        {
            if (input.GetAttribute("name") is not { } name || (input is IHtmlInputElement { Type: "radio" or "checkbox", IsChecked: false }))
                continue;

            fields[name] = input switch
            {
                IHtmlInputElement box => box.Value,
                IHtmlSelectElement select => select.Value ?? "",
                IHtmlTextAreaElement area => area.Value,
                _ => "",
            };
        }

        foreach (var (name, value) in changed)
            fields[name] = value;
        var isPost = form.Method == "post";
        var action = form.GetAttribute("action") ?? Path;
        using var request = isPost
            ? new HttpRequestMessage(HttpMethod.Post, action) { Content = new FormUrlEncodedContent(fields) }
            : new HttpRequestMessage(HttpMethod.Get, action + "?" + await new FormUrlEncodedContent(fields).ReadAsStringAsync(TestCaravan.Cancel));
        await SendAsync(request);
    }

    public void Dispose() => http.Dispose();

    private async Task SendAsync(HttpRequestMessage request)
    {
        request.Headers.Accept.ParseAdd("text/html");
        Response = await http.SendAsync(request, TestCaravan.Cancel);
        Status = (int)Response.StatusCode;
        Page = new HtmlParser().ParseDocument(await Response.Content.ReadAsStringAsync(TestCaravan.Cancel));
    }
}
