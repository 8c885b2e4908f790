"""Names of the months, as they stand in dates: full, inflected and short, January to December."""

# One string a month, languages in no order; accents and case are folded away by `noisefilter.metadata.dates`.
MONTHS = (
    # en de fr es pt it nl id; sv da no; pl cs; ru uk; tr; fi; ar (Egypt, Levant, Maghreb); hi
    "january januar jänner janvier enero janeiro gennaio januari jan janv ene gen"
    " styczeń stycznia sty leden ledna январь января янв січень січня січ ocak oca"
    " tammikuu tammikuuta tammi يناير كانون_الثاني جانفي जनवरी जन॰ जन",
    "february februar feber février febrero fevereiro febbraio februari feb fév févr fev"
    " luty lutego lut únor února úno февраль февраля февр фев лютий лютого лют şubat şub"
    " helmikuu helmikuuta helmi فبراير شباط فيفري फ़रवरी फ़र॰",
    "march märz mars marzo março maart maret marts mar mär mrz mrt"
    " marzec marca březen března bře март марта мар березень березня бер mart"
    " maaliskuu maaliskuuta maalis مارس آذار मार्च",
    "april avril abril aprile apr avr abr"
    " kwiecień kwietnia kwi duben dubna апрель апреля апр квітень квітня квіт nisan nis"
    " huhtikuu huhtikuuta huhti أبريل إبريل نيسان أفريل अप्रैल",
    "may mai mayo maio maggio mei maj mag"
    " maja květen května kvě май мая травень травня трав mayıs"
    " toukokuu toukokuuta touko مايو أيار ماي मई",
    "june juni juin junio junho giugno jun giu"
    " czerwiec czerwca cze červen června čvn июнь июня июн червень червня черв haziran haz"
    " kesäkuu kesäkuuta kesä يونيو حزيران جوان जून",
    "july juli juillet julio julho luglio jul juil lug"
    " lipiec lipca červenec července čvc июль июля июл липень липня лип temmuz tem"
    " heinäkuu heinäkuuta heinä يوليو تموز جويلية जुलाई जुल॰",
    "august août agosto augustus agustus augusti aug ago agu"
    " sierpień sierpnia sie srpen srpna srp август августа авг серпень серпня серп ağustos ağu"
    " elokuu elokuuta أغسطس آب أوت अगस्त अग॰",
    "september septembre septiembre setiembre setembro settembre sep sept set"
    " wrzesień września wrz září zář сентябрь сентября сент сен вересень вересня вер eylül eyl"
    " syyskuu syyskuuta syys سبتمبر أيلول सितंबर सितम्बर सित॰",
    "october oktober octobre octubre outubro ottobre oct okt ott"
    " październik października paź říjen října říj октябрь октября окт жовтень жовтня жовт ekim eki"
    " lokakuu lokakuuta loka أكتوبر تشرين_الأول अक्टूबर अक्तूबर अक्टू॰",
    "november novembre noviembre novembro nov"
    " listopad listopada listopadu lis ноябрь ноября нояб ноя листопад листопада лист kasım kas"
    " marraskuu marraskuuta marras نوفمبر تشرين_الثاني नवंबर नवम्बर नव॰",
    "december dezember décembre diciembre dezembro dicembre desember dec dez déc dic des"
    " grudzień grudnia gru prosinec prosince декабрь декабря дек грудень грудня груд aralık"
    " joulukuu joulukuuta joulu ديسمبر كانون_الأول दिसंबर दिसम्बर दिस॰",
)

LOCAL = {
    # Short forms that are also words elsewhere ("11 Pro 2024"), so they count in their language only.
    "cs": {"led": 1, "dub": 4, "pro": 12},
    "fi": {"elo": 8},
    "pl": {"lip": 7},
    "pt": {"out": 10},
    "tr": {"ara": 12},
}
