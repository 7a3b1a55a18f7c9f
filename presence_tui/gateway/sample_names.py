"""Sample names in many languages, so that rosters contain realistic scripts."""

from typing import NamedTuple


class NameSet(NamedTuple):
    """Names of one language, in native script and in Latin letters for handles."""

    language: str
    family_first: bool
    joint: str
    """Separator between the two names."""
    given: tuple[tuple[str, str], ...]
    family: tuple[tuple[str, str], ...]


class FullName(NamedTuple):
    """One person's names."""

    first: str
    last: str
    display: str
    handle: str
    language: str


def _names(text: str) -> tuple[tuple[str, str], ...]:
    """Parse ``native=latin`` words; a word without ``=`` is Latin."""
    pairs = (word.partition("=") for word in text.split())
    return tuple((native, latin or native) for native, _, latin in pairs)


def _name_set(
    language: str, given: str, family: str, family_first: bool = False, joint: str = " "
) -> NameSet:
    return NameSet(language, family_first, joint, _names(given), _names(family))


NAME_SETS: tuple[NameSet, ...] = (
    _name_set(
        "en",
        "Grace Oliver Maeve Theo Imogen Callum Ruby Declan Freya Jasper",
        "Whitfield Hart Pemberton Doyle Ashworth Kerr Langley Nwosu Marsh Quinn",
    ),
    _name_set(
        "fr",
        "Élodie=Elodie Anaïs=Anais Théo=Theo Noémie=Noemie Étienne=Etienne Maëlle=Maelle Loïc=Loic",
        "Lefèvre=Lefevre Dubois Besançon=Besancon Moreau Guérin=Guerin Faucheux Rivière=Riviere",
    ),
    _name_set(
        "es",
        "Íñigo=Inigo Lucía=Lucia Martín=Martin Begoña=Begona Andrés=Andres Paloma Ximena Raúl=Raul",
        "Núñez=Nunez Ibarra Peña=Pena Zúñiga=Zuniga Carrasco Ordóñez=Ordonez Vidal Montero",
    ),
    _name_set(
        "pl",
        "Łukasz=Lukasz Małgorzata=Malgorzata Żaneta=Zaneta Michał=Michal Agnieszka Paweł=Pawel Jadwiga",
        "Wiśniewski=Wisniewski Błaszczyk=Blaszczyk Dąbrowa=Dabrowa Zając=Zajac Górski=Gorski Mróz=Mroz",
    ),
    _name_set(
        "de",
        "Jürgen=Juergen Käthe=Kaethe Björn=Bjoern Annika Sönke=Soenke Liesel Matthias Rüdiger=Ruediger",
        "Müller=Mueller Groß=Gross Weiß=Weiss Köhler=Koehler Schäfer=Schaefer Brandt Vogel Löwe=Loewe",
    ),
    _name_set(
        "tr",
        "Gökçe=Gokce Çağrı=Cagri Şebnem=Sebnem İlker=Ilker Zeynep Özgür=Ozgur Ayşe=Ayse Barış=Baris",
        "Yıldız=Yildiz Öztürk=Ozturk Şahin=Sahin Aydın=Aydin Güneş=Gunes Kılıç=Kilic Demir Koç=Koc",
    ),
    _name_set(
        "vi",
        "Hằng=Hang Dũng=Dung Thảo=Thao Tuấn=Tuan Ngọc=Ngoc Quỳnh=Quynh Khánh=Khanh Bảo=Bao",
        "Nguyễn=Nguyen Trần=Tran Phạm=Pham Lê=Le Đặng=Dang Võ=Vo Bùi=Bui Hoàng=Hoang",
        family_first=True,
    ),
    _name_set(
        "ru",
        "Дмитрий=Dmitri Ольга=Olga Сергей=Sergei Наталья=Natalya Юрий=Yuri Светлана=Svetlana Пётр=Pyotr",
        "Ковалёв=Kovalyov Щукин=Shchukin Зайцев=Zaitsev Мороз=Moroz Лебедь=Lebed Громов=Gromov",
    ),
    _name_set(
        "el",
        "Ελένη=Eleni Νίκος=Nikos Δήμητρα=Dimitra Γιώργος=Giorgos Σοφία=Sofia Θάνος=Thanos Ιρις=Iris",
        "Παππάς=Pappas Βλάχος=Vlachos Καρράς=Karras Λάμπρου=Lamprou Μακρής=Makris Ρήγας=Rigas",
    ),
    _name_set(
        "ja",
        "花子=hanako 翔太=shota さくら=sakura 健一=kenichi 美咲=misaki 大輔=daisuke 陽菜=hina 蓮=ren",
        "佐藤=sato 鈴木=suzuki 高橋=takahashi 渡辺=watanabe 小林=kobayashi 山口=yamaguchi 井上=inoue",
        family_first=True,
    ),
    _name_set(
        "zh",
        "小明=xiaoming 丽华=lihua 建国=jianguo 雨欣=yuxin 志强=zhiqiang 梅=mei 子轩=zixuan 静怡=jingyi",
        "王=wang 李=li 张=zhang 刘=liu 陈=chen 欧阳=ouyang 赵=zhao 黄=huang",
        family_first=True,
        joint="",
    ),
    _name_set(
        "ko",
        "민준=minjun 서연=seoyeon 지우=jiwoo 하준=hajun 수빈=subin 예은=yeeun 도윤=doyun 유나=yuna",
        "김=kim 이=lee 박=park 최=choi 정=jung 강=kang 조=cho 한=han",
        family_first=True,
        joint="",
    ),
    _name_set(
        "ar",
        "ليلى=layla محمد=mohammed فاطمة=fatima يوسف=youssef نور=noor كريم=karim سلمى=salma طارق=tariq",
        "الحداد=alhaddad منصور=mansour الخطيب=alkhatib درويش=darwish صباغ=sabbagh ناصر=nasser قاسم=qasim",
    ),
    _name_set(
        "he",
        "יעל=yael נועם=noam תמר=tamar איתן=eitan שירה=shira אורי=uri מיכל=michal דניאל=daniel",
        "כהן=cohen לוי=levi ברק=barak שפירא=shapira אלון=alon דגן=dagan גולן=golan",
    ),
    _name_set(
        "hi",
        "अनन्या=ananya अर्जुन=arjun प्रिया=priya रोहन=rohan मीरा=meera विक्रम=vikram ईशा=isha कबीर=kabir",
        "शर्मा=sharma वर्मा=verma गुप्ता=gupta नायर=nair मेहता=mehta जोशी=joshi राव=rao",
    ),
    _name_set(
        "yo",
        "Adébáyọ̀=adebayo Folákẹ́=folake Olúṣẹ́gun=olusegun Títílayọ̀=titilayo Babátúndé=babatunde",
        "Ọlátúnjí=olatunji Adéyẹmí=adeyemi Ògúnlàdé=ogunlade Akínwálé=akinwale Balógun=balogun",
    ),
)

FEATURED: tuple[FullName, ...] = (
    FullName("Ada", "Okafor", "Ada Okafor", "ada", "en"),
    FullName("Blaise", "Lind", "Blaise Lind", "blaise", "sv"),
    FullName("Chloé", "Beaumont", "Chloé Beaumont", "chloe.b", "fr"),
    FullName("花", "佐藤", "佐藤 花", "hana", "ja"),
    FullName("Søren", "Ægidius", "Søren Ægidius", "soren", "da"),
    FullName("יעל", "ברק", "יעל ברק", "yael", "he"),
    FullName("ليلى", "الحداد", "ليلى الحداد", "layla", "ar"),
    FullName("Zoë", "Marlowe", "Zoë Marlowe 🌊", "zoe", "nl"),
    FullName("민준", "김", "김민준", "minjun", "ko"),
    FullName("Siobhán", "Ó Briain", "Siobhán Ó Briain", "siobhan", "ga"),
    FullName("小明", "王", "王小明", "xiaoming", "zh"),
    FullName("Işıl", "Çelik", "Işıl Çelik", "isil", "tr"),
    FullName(
        "Maria-Magdalena",
        "Oliveira de Vasconcelos e Albuquerque",
        "Maria-Magdalena Oliveira de Vasconcelos e Albuquerque",
        "mm.vasconcelos",
        "pt",
    ),
    FullName("Łukasz", "Wiśniewski", "Łukasz Wiśniewski", "lukasz", "pl"),
    FullName("Ánh", "Nguyễn Thị", "Nguyễn Thị Ánh", "anh", "vi"),
    FullName("Дарья", "Ковалёва", "Дарья Ковалёва", "daria", "ru"),
    FullName("अनन्या", "शर्मा", "अनन्या शर्मा", "ananya", "hi"),
    FullName("Bo", "Li", "Bo Li", "bo", "en"),
    FullName("Tomás", "Quiroga", "Tomás Quiroga 🦜", "tomas", "es"),
    FullName("Ελένη", "Παππά", "Ελένη Παππά", "eleni", "el"),
    FullName("Folákẹ́", "Adéyẹmí", "Folákẹ́ Adéyẹmí", "folake", "yo"),
    FullName("Jürgen", "Groß", "Jürgen Groß", "juergen", "de"),
    FullName("Nadia", "Ferreira", "Nadia Ferreira", "nadia.f", "pt"),
    FullName("Mikko", "Hämäläinen", "Mikko Hämäläinen", "mikko", "fi"),
)

NICKNAMES: tuple[tuple[str, str], ...] = (
    ("Dmitri", "ru"),
    ("river_otter", "en"),
    ("invité·42", "fr"),
    ("ゲスト二号", "ja"),
    ("fjord 🐳", "no"),
    ("just looking", "en"),
    ("la voisine", "fr"),
    ("زائر", "ar"),
)
