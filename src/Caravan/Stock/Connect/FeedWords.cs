using System.Text;

namespace Caravan.Stock.Connect;

/// <summary>
/// What stock systems of several languages call their columns; beginnings and middles of words count. A server does not take these
/// for sure: they are for guesses, which a person sees.
/// </summary>
internal static class FeedWords
{
    public static readonly string[] Item =
    [
        "item", "sku", "gtin", "ean", "barcode", "upc", "article", "product", "partno", "artikel", "artnr", "strichcode", "warennummer", "materialnummer",
        "référence", "reference", "codearticle", "produit", "codebarre", "artículo", "articulo", "producto", "código", "codigo", "articolo", "prodotto", "codice",
        "produto", "towar", "indeks", "kodkreskowy", "zboží", "kód", "артикул", "товар", "штрихкод", "номенклатура",
        "商品", "货号", "貨號", "条码", "條碼", "条形码", "物料", "編號", "品番", "商品コード", "jan", "상품", "품번", "바코드",
    ];

    public static readonly string[] Location =
    [
        "location", "store", "site", "warehouse", "branch", "shop", "node", "gln", "plant", "depot", "filiale", "lager", "markt", "standort", "werk", "magasin",
        "entrepôt", "entrepot", "dépôt", "tienda", "almacén", "almacen", "sucursal", "negozio", "magazzino", "loja", "armazém", "armazem", "magazyn", "sklep",
        "prodejna", "sklad", "склад", "магазин", "仓库", "倉庫", "门店", "門店", "店铺", "店舗", "網點", "网点", "地点", "매장", "창고", "winkel", "vestiging",
    ];

    public static readonly string[] Quantity =
    [
        "quantity", "qty", "onhand", "stock", "inventory", "available", "units", "count", "soh", "bestand", "menge", "anzahl", "verfügbar", "verfuegbar", "quantité", "quantite",
        "disponible", "cantidad", "existencia", "giacenza", "quantità", "disponibil", "quantidade", "estoque", "ilość", "ilosc", "stan", "množství", "zásob",
        "количество", "остаток", "数量", "數量", "库存", "庫存", "可用", "在庫", "재고", "수량", "voorraad", "aantal", "atp", "free",
    ];

    public static readonly string[] Available = ["available", "atp", "free", "verfügbar", "verfuegbar", "frei", "disponib", "dispo", "可用", "可售", "販売可能", "доступно", "dostępn", "beschikbaar", "sellable"];
    public static readonly string[] OnHand = ["onhand", "stock", "soh", "bestand", "physical", "inventory", "existencia", "giacenza", "estoque", "库存", "庫存", "在庫", "остаток", "stan", "voorraad"];
    public static readonly string[] Date = ["date", "datum", "fecha", "data", "asof", "timestamp", "updated", "stand", "zeit", "heure", "日期", "时间", "時間", "日付", "дата"];
    private static readonly string[] NeverQuantity = ["price", "preis", "prix", "precio", "cost", "weight", "gewicht", "单价", "价格", "価格", "цена", "min", "max", "reorder", "safety", "reserved", "reserviert", "incoming", "bestellt"];
    private static readonly string[] NeverItem = ["name", "description", "bezeichnung", "beschreibung", "libellé", "descripción", "group", "gruppe", "名称", "名稱", "品名", "category"];

    /// <summary>Letters and digits, small.</summary>
    public static string Plain(string header)
    {
        var plain = new StringBuilder(header.Length);
        foreach (var c in header.Normalize(NormalizationForm.FormKC))
        {
            if (char.IsLetterOrDigit(c))
                plain.Append(char.ToLowerInvariant(c));
        }

        return plain.ToString();
    }

    public static bool IsKnown(string header) => Percent(header, Item) > 0 || Percent(header, Location) > 0 || Percent(header, Quantity) > 0 || Percent(header, Date) >= 70;

    public static bool IsNoQuantity(string header) => Percent(header, NeverQuantity) > 0;

    public static bool IsNoItem(string header) => Percent(header, NeverItem) > 0;

    /// <summary>How much a name speaks for one of some words: 85 when it is one, 70 when it begins with one, 50 when it holds one.</summary>
    public static int Percent(string header, string[] words)
    {
        var plain = Plain(header);
        var best = 0;
        foreach (var word in plain.Length == 0 ? [] : words)
        {
            var at = plain.IndexOf(word, StringComparison.Ordinal);
            best = Math.Max(best, at < 0 || (word.Length <= 3 && word[0] < 0x80 && plain.Length > word.Length + 4) ? 0 : plain.Length == word.Length ? 85 : at == 0 ? 70 : 50);
        }

        return best;
    }
}
