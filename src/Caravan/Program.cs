Console.WriteLine("caravan");
