using System.Collections.Immutable;

namespace Caravan.Demo;

/// <summary>
/// The words items are named by. A family is one aisle: every product in every variety and size is an article, numbered in the order
/// written here, so new words go to the end of the list or every later GTIN changes. Prices are for a kilogram of an average product.
/// Weights of litres, packs and pieces are rough. The medicines are international non-proprietary names of substances that are really
/// kept at 2 to 8 °C; packs and prices are invented and no advice.
/// </summary>
internal static class DemoVocabulary
{
    /// <param name="Category">Aisle.</param>
    /// <param name="Temperature">Exactly one class.</param>
    /// <param name="PriceMinorPerKilogram">Fen.</param>
    /// <param name="Rarity">0 is bought daily, 100 hardly ever.</param>
    /// <param name="Varieties">Words before the product; empty for the plain one, which comes first where there is one.</param>
    /// <param name="Products">Products, as they stand within a sentence.</param>
    /// <param name="Sizes">Words after the product, and the weight.</param>
    internal sealed record Family(
        string Category,
        DemoTemperatures Temperature,
        int PriceMinorPerKilogram,
        int Rarity,
        ImmutableArray<string> Varieties,
        ImmutableArray<string> Products,
        ImmutableArray<Size> Sizes);

    internal readonly record struct Size(string Label, int Grams);

    private static ImmutableArray<string> Plain { get; } = [""];

    private static ImmutableArray<string> PlainOrOrganic { get; } = ["", "organic"];

    public static ImmutableArray<Family> Families { get; } =
    [
        .. Fresh(), .. Pantry(), .. Drinks(), .. Household(), .. Chilled(), .. Frozen(), .. Pharmacy(),
    ];

    private static Family[] Fresh() =>
    [
        new("Fruit", DemoTemperatures.Ambient, 1_400, 0, PlainOrOrganic,
            ["Fuji apples", "Gala apples", "Ya pears", "crown pears", "navel oranges", "mandarins", "honey pomelos", "bananas", "dragon fruit",
             "kiwifruit", "Hami melons", "persimmons", "lemons", "limes", "mangoes", "pineapples", "fresh jujubes", "pomegranates", "lychees", "longans"],
            [new("500 g", 500), new("1 kg", 1_000), new("2 kg", 2_000)]),
        new("Vegetables", DemoTemperatures.Ambient, 700, 0, PlainOrOrganic,
            ["potatoes", "sweet potatoes", "carrots", "onions", "garlic", "ginger", "taro", "lotus root", "daikon", "pumpkin", "Chinese yam", "shallots"],
            [new("500 g", 500), new("1 kg", 1_000)]),
    ];

    private static Family[] Pantry() =>
    [
        new("Rice and grains", DemoTemperatures.Ambient, 1_100, 10, PlainOrOrganic,
            ["jasmine rice", "northeast rice", "glutinous rice", "brown rice", "black rice", "millet", "rolled oats", "pearl barley", "buckwheat",
             "quinoa", "red beans", "mung beans", "soybeans", "corn grits"],
            [new("1 kg", 1_000), new("2.5 kg", 2_500), new("5 kg", 5_000)]),
        new("Noodles", DemoTemperatures.Ambient, 1_500, 10, Plain,
            ["egg noodles", "wheat noodles", "rice vermicelli", "glass noodles", "udon noodles", "soba noodles", "ramen noodles", "knife-cut noodles", "spaghetti", "fusilli"],
            [new("400 g", 400), new("800 g", 800), new("1.5 kg", 1_500)]),
        new("Noodles", DemoTemperatures.Ambient, 3_500, 5,
            ["beef", "chicken", "mushroom", "spicy seafood", "tomato", "pickled cabbage", "pork bone", "sesame"], ["instant noodles"],
            [new("100 g", 100), new("5 × 100 g", 500), new("12 × 100 g", 1_200)]),
        new("Oils", DemoTemperatures.Ambient, 2_400, 20, Plain,
            ["rapeseed oil", "sunflower oil", "peanut oil", "soybean oil", "corn oil", "olive oil", "sesame oil", "rice bran oil", "camellia oil"],
            [new("500 ml", 460), new("1 l", 920), new("1.8 l", 1_660), new("5 l", 4_600)]),
        new("Sauces", DemoTemperatures.Ambient, 2_200, 15, PlainOrOrganic,
            ["light soy sauce", "dark soy sauce", "oyster sauce", "rice vinegar", "black vinegar", "chilli sauce", "hoisin sauce", "sesame paste",
             "broad bean paste", "black bean sauce", "ketchup", "fish sauce", "cooking wine", "sweet bean sauce", "mustard", "peanut butter"],
            [new("250 ml", 270), new("500 ml", 540)]),
        new("Spices", DemoTemperatures.Ambient, 9_000, 40, Plain,
            ["Sichuan peppercorns", "star anise", "cinnamon bark", "cumin", "white pepper", "black pepper", "chilli flakes", "five-spice powder",
             "turmeric", "fennel seeds", "bay leaves", "curry powder", "cloves", "dried tangerine peel"],
            [new("30 g", 30), new("50 g", 50), new("100 g", 100), new("250 g", 250)]),
        new("Dried goods", DemoTemperatures.Ambient, 8_000, 35, PlainOrOrganic,
            ["dried shiitake", "wood ear mushrooms", "dried lily buds", "dried kelp", "dried shrimps", "dried scallops", "goji berries", "red dates",
             "lotus seeds", "dried bean curd sticks", "snow fungus", "dried chillies"],
            [new("100 g", 100), new("250 g", 250), new("500 g", 500)]),
        new("Baking", DemoTemperatures.Ambient, 1_600, 25, Plain,
            ["wheat flour", "bread flour", "cornflour", "rice flour", "white sugar", "brown sugar", "rock sugar", "baking powder", "dry yeast",
             "cocoa powder", "honey", "sea salt", "iodised salt"],
            [new("250 g", 250), new("500 g", 500), new("1 kg", 1_000)]),
        new("Canned food", DemoTemperatures.Ambient, 2_600, 30, ["canned"],
            ["sweetcorn", "tomatoes", "chickpeas", "kidney beans", "peaches", "pineapple rings", "tuna", "mackerel", "sardines", "luncheon meat",
             "mushrooms", "bamboo shoots", "coconut milk", "fried dace"],
            [new("200 g", 200), new("400 g", 400), new("3 × 400 g", 1_200)]),
        new("Snacks", DemoTemperatures.Ambient, 6_000, 5, Plain,
            ["potato crisps", "prawn crackers", "roasted peanuts", "cashews", "pistachios", "sunflower seeds", "walnuts", "almonds", "seaweed sheets",
             "rice crackers", "beef jerky", "dried mango", "raisins", "popcorn", "melon seeds", "pork floss"],
            [new("60 g", 60), new("150 g", 150), new("300 g", 300), new("500 g", 500)]),
        new("Biscuits and sweets", DemoTemperatures.Ambient, 5_000, 10, Plain,
            ["butter biscuits", "soda crackers", "digestive biscuits", "egg rolls", "sesame brittle", "wafer rolls", "dark chocolate", "milk chocolate",
             "fruit drops", "mint sweets", "chewing gum", "mooncakes", "peanut brittle", "marshmallows"],
            [new("100 g", 100), new("200 g", 200), new("400 g", 400)]),
    ];

    private static Family[] Drinks() =>
    [
        new("Tea", DemoTemperatures.Ambient, 24_000, 20, PlainOrOrganic,
            ["oolong tea", "jasmine tea", "pu-erh tea", "Longjing green tea", "black tea", "white tea", "chrysanthemum tea", "Tieguanyin tea",
             "Biluochun tea", "barley tea", "rose bud tea", "buckwheat tea"],
            [new("50 g", 50), new("100 g", 100), new("250 g", 250)]),
        new("Coffee", DemoTemperatures.Ambient, 16_000, 20, Plain,
            ["ground arabica coffee", "espresso beans", "instant coffee", "dark roast beans", "decaffeinated coffee", "Yunnan coffee beans"],
            [new("100 g", 100), new("250 g", 250), new("500 g", 500), new("1 kg", 1_000)]),
        new("Soft drinks", DemoTemperatures.Ambient, 800, 0, Plain,
            ["still water", "sparkling water", "cola", "lemonade", "orange drink", "peach tea drink", "green tea drink", "soy milk", "coconut water",
             "almond drink", "herbal tea drink", "sour plum drink", "sports drink", "apple juice", "tonic water"],
            [new("330 ml", 340), new("500 ml", 515), new("1 l", 1_030), new("6 × 500 ml", 3_090), new("12 × 500 ml", 6_180)]),
        new("Long-life milk", DemoTemperatures.Ambient, 1_300, 10, Plain,
            ["long-life whole milk", "long-life skimmed milk", "long-life oat milk", "long-life high-calcium milk", "long-life walnut milk"],
            [new("250 ml", 260), new("1 l", 1_035), new("12 × 250 ml", 3_120)]),
    ];

    private static Family[] Household() =>
    [
        new("Cleaning", DemoTemperatures.Ambient, 1_500, 40, ["lemon", "sensitive"],
            ["laundry powder", "laundry liquid", "fabric softener", "washing-up liquid", "dishwasher gel", "floor cleaner", "glass cleaner",
             "toilet cleaner", "bleach", "kitchen degreaser", "limescale remover", "stain remover"],
            [new("500 ml", 520), new("1 l", 1_030), new("2 l", 2_060)]),
        new("Paper", DemoTemperatures.Ambient, 2_000, 10, ["", "bamboo"],
            ["toilet paper", "facial tissues", "kitchen rolls", "paper napkins", "wet wipes", "pocket tissues"],
            [new("pack of 4", 450), new("pack of 10", 1_100), new("pack of 24", 2_600)]),
        new("Kitchen", DemoTemperatures.Ambient, 4_000, 45, Plain,
            ["bin bags", "cling film", "baking paper", "aluminium foil", "freezer bags", "sponges", "rubber gloves", "bamboo chopsticks"],
            [new("small pack", 150), new("medium pack", 300), new("large pack", 600)]),
        new("Home", DemoTemperatures.Ambient, 9_000, 55, Plain,
            ["AA batteries", "AAA batteries", "LED bulbs", "tea lights", "matches", "light strings"],
            [new("pack of 2", 60), new("pack of 4", 110), new("pack of 12", 320)]),
        new("Personal care", DemoTemperatures.Ambient, 7_000, 35, ["aloe", "green tea", "camellia", "sensitive"],
            ["shampoo", "conditioner", "shower gel", "hand soap", "body lotion", "face cleanser", "sunscreen", "toothpaste", "mouthwash",
             "shaving foam", "hand cream", "hair oil"],
            [new("200 ml", 210), new("400 ml", 415)]),
        new("Baby", DemoTemperatures.Ambient, 9_000, 45, Plain,
            ["newborn nappies", "junior nappies", "baby wipes", "first infant milk", "follow-on milk", "baby rice cereal", "fruit puree pouches", "swim nappies"],
            [new("small pack", 400), new("medium pack", 900), new("large pack", 1_800)]),
        new("Pets", DemoTemperatures.Ambient, 3_500, 45, Plain,
            ["dry cat food", "dry dog food", "cat litter", "wet cat food", "dog treats"],
            [new("500 g", 500), new("1.5 kg", 1_500), new("3 kg", 3_000), new("10 kg", 10_000)]),
    ];

    private static Family[] Chilled() =>
    [
        new("Vegetables", DemoTemperatures.Chilled, 1_200, 0, PlainOrOrganic,
            ["pak choi", "Chinese cabbage", "spinach", "lettuce", "water spinach", "celery", "broccoli", "cauliflower", "tomatoes", "cucumbers",
             "aubergines", "green beans", "bell peppers", "garlic chives", "coriander", "spring onions", "bean sprouts", "mangetout", "courgettes",
             "enoki mushrooms", "shiitake mushrooms", "oyster mushrooms", "kale", "asparagus"],
            [new("300 g", 300), new("500 g", 500), new("1 kg", 1_000)]),
        new("Fruit", DemoTemperatures.Chilled, 4_500, 10, PlainOrOrganic,
            ["strawberries", "blueberries", "grapes", "cherries", "raspberries", "mulberries", "cut melon", "cut pineapple"],
            [new("125 g", 125), new("250 g", 250), new("500 g", 500)]),
        new("Dairy", DemoTemperatures.Chilled, 1_800, 0, PlainOrOrganic,
            ["fresh whole milk", "fresh skimmed milk", "fresh semi-skimmed milk", "lactose-free milk", "whipping cream", "buttermilk", "kefir"],
            [new("250 ml", 260), new("500 ml", 520), new("1 l", 1_035)]),
        new("Dairy", DemoTemperatures.Chilled, 2_500, 5,
            ["plain", "strawberry", "mango", "coconut", "red date", "oat", "peach", "blueberry"], ["yogurt"],
            [new("200 g", 200), new("4 × 100 g", 400), new("450 g", 450), new("1 kg", 1_000)]),
        new("Dairy", DemoTemperatures.Chilled, 9_000, 30, Plain,
            ["mozzarella", "cheddar slices", "cream cheese", "parmesan", "feta", "salted butter", "unsalted butter", "children's cheese sticks"],
            [new("150 g", 150), new("250 g", 250), new("400 g", 400)]),
        new("Tofu", DemoTemperatures.Chilled, 1_600, 5, Plain,
            ["silken tofu", "firm tofu", "smoked tofu", "pressed tofu", "fried tofu puffs", "tofu skin", "fresh soy milk", "tempeh"],
            [new("200 g", 200), new("350 g", 350), new("500 g", 500)]),
        new("Eggs", DemoTemperatures.Chilled, 1_900, 0, Plain,
            ["hen eggs", "free-range hen eggs", "duck eggs", "quail eggs", "salted duck eggs", "century eggs"],
            [new("pack of 6", 360), new("pack of 10", 600), new("pack of 15", 900), new("pack of 30", 1_800)]),
        new("Meat", DemoTemperatures.Chilled, 6_000, 10, ["", "free-range"],
            ["pork belly", "pork loin", "minced pork", "pork ribs", "beef brisket", "minced beef", "sliced beef", "chicken breast", "chicken wings",
             "whole chicken", "chicken thighs", "duck breast", "leg of lamb", "sliced lamb", "pork trotters"],
            [new("300 g", 300), new("500 g", 500), new("1 kg", 1_000)]),
        new("Fish", DemoTemperatures.Chilled, 7_500, 20, Plain,
            ["sea bass", "grass carp", "salmon fillet", "fresh prawns", "clams", "squid", "crab", "cod fillet", "tilapia", "mussels"],
            [new("300 g", 300), new("500 g", 500), new("1 kg", 1_000)]),
        new("Ready meals", DemoTemperatures.Chilled, 5_500, 15, Plain,
            ["sushi box", "fresh pork dumplings", "steamed buns", "cooked chicken", "cooked ham", "sausages", "kimchi", "salad bowl", "hummus",
             "rice lunch box", "noodle lunch box", "sandwich"],
            [new("200 g", 200), new("350 g", 350), new("500 g", 500)]),
        new("Juices", DemoTemperatures.Chilled, 3_000, 15, ["cold-pressed"],
            ["orange juice", "apple juice", "carrot juice", "watermelon juice", "grapefruit juice", "kale juice"],
            [new("300 ml", 310), new("500 ml", 520), new("1 l", 1_040)]),
    ];

    private static Family[] Frozen() =>
    [
        new("Frozen dumplings", DemoTemperatures.Frozen, 3_200, 10,
            ["pork and chive", "pork and cabbage", "prawn", "beef and celery", "chicken and corn", "mushroom", "lamb and carrot", "egg and leek"],
            ["dumplings", "wontons", "buns"],
            [new("300 g", 300), new("500 g", 500), new("1 kg", 1_000)]),
        new("Frozen desserts", DemoTemperatures.Frozen, 3_600, 25,
            ["sesame", "peanut", "red bean", "taro"], ["glutinous rice balls"],
            [new("250 g", 250), new("500 g", 500), new("1 kg", 1_000)]),
        new("Frozen desserts", DemoTemperatures.Frozen, 6_000, 15,
            ["vanilla", "chocolate", "strawberry", "matcha", "red bean", "mango", "taro", "coconut", "black sesame", "coffee"],
            ["ice cream", "ice lollies", "frozen yogurt"],
            [new("300 ml", 250), new("500 ml", 400), new("1 l", 800)]),
        new("Frozen vegetables", DemoTemperatures.Frozen, 1_800, 25, ["frozen"],
            ["peas", "sweetcorn", "edamame", "spinach", "mixed vegetables", "broccoli", "green beans", "okra", "chips", "hash browns"],
            [new("400 g", 400), new("800 g", 800), new("1.5 kg", 1_500)]),
        new("Frozen meat and fish", DemoTemperatures.Frozen, 6_500, 20, ["frozen"],
            ["prawns", "cod fillets", "squid rings", "fish balls", "beef balls", "crab sticks", "chicken nuggets", "chicken wings",
             "hot pot lamb slices", "hot pot beef slices", "duck", "pork ribs"],
            [new("300 g", 300), new("500 g", 500), new("1 kg", 1_000)]),
        new("Frozen bakery", DemoTemperatures.Frozen, 4_000, 25, ["frozen"],
            ["margherita pizza", "ham pizza", "spring rolls", "scallion pancakes", "croissants", "egg tarts", "flatbread", "waffles", "puff pastry"],
            [new("300 g", 300), new("600 g", 600), new("1.2 kg", 1_200)]),
        new("Frozen fruit", DemoTemperatures.Frozen, 4_500, 35, ["frozen"],
            ["strawberries", "blueberries", "mango cubes", "mixed berries", "durian", "cherries"],
            [new("300 g", 300), new("500 g", 500), new("1 kg", 1_000)]),
    ];

    private static Family[] Pharmacy() =>
    [
        new("Pharmacy", DemoTemperatures.Ambient, 40_000, 50, Plain,
            ["paracetamol tablets", "ibuprofen tablets", "vitamin C tablets", "vitamin D capsules", "calcium tablets", "zinc lozenges", "throat lozenges",
             "antacid tablets", "oral rehydration salts", "plasters", "gauze bandages", "surgical masks", "antiseptic wipes", "cotton buds",
             "saline ampoules", "isatis root granules", "loratadine tablets", "multivitamin tablets", "fish oil capsules", "glucosamine tablets",
             "iron tablets", "folic acid tablets"],
            [new("pack of 12", 40), new("pack of 24", 70), new("pack of 60", 160)]),
        new("Cold-chain medicine", DemoTemperatures.Medicine, 300_000, 90, Plain,
            ["insulin glargine pens", "insulin aspart pens", "insulin lispro pens", "insulin degludec pens", "insulin detemir pens",
             "human insulin cartridges", "semaglutide pens", "dulaglutide pens", "liraglutide pens", "exenatide pens", "teriparatide pens",
             "adalimumab pens", "etanercept syringes", "evolocumab pens", "alirocumab pens", "erenumab pens", "filgrastim syringes",
             "epoetin alfa syringes", "follitropin alfa pens", "somatropin cartridges", "octreotide ampoules", "interferon beta-1a syringes",
             "glatiramer acetate syringes", "latanoprost eye drops", "thymalfasin vials", "bifidobacterium live capsules", "oxytocin ampoules",
             "influenza vaccine syringes", "hepatitis B vaccine syringes", "golimumab pens"],
            [new("pack of 1", 40), new("pack of 2", 70), new("pack of 5", 150), new("pack of 10", 280)]),
    ];
}
