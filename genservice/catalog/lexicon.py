"""Words that stories are told with: verbs, and nouns for people and groups of them. Closed lists.

A word that is missing here costs a shorter or livelier version of a sentence, never a fact.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BASES = _words("""
    abandon abduct accept accompany accuse achieve acquire act adapt adjust admit adopt advise age agree aid aim allow
    alter answer anger appear apply approach argue arrange arrest arrive ask aspire assassinate assemble assist assume
    attack attempt attend attract avenge avoid awake awaken bake ban band banish bargain battle beat become befriend beg
    begin behave believe belong bet betray bid bind bite blackmail blame bond book borrow bother break breed bring
    brood build bully burn bury buy call calm camp campaign capture care carry cast catch cause celebrate challenge
    change charge chase cheat check choose chronicle circle claim clash clean clear climb cling close coach collapse
    collect collide come comfort command commandeer commit compare compete complain complete conceal conduct confess
    confide confirm confront conquer consider conspire construct consult contact contemplate contend continue contract
    control convince cook cope count court cover crash create cross curse cut dance dare date deal debate deceive
    decide declare defeat defend defy deliver demand deny depart depend descend desert design desire despise destroy develop
    detect devise devote die dig disappear disapprove discover discuss disguise dislike disrupt distract dive divide
    divorce dodge dominate doubt dream double double-cross drift drink drive drop dwell earn ease eat educate elope elude embark embrace
    emerge emigrate employ enable encounter encourage end endanger endure engage enjoy enlist enrol enroll ensue ensure enter
    entertain escape escort establish evade evolve examine exchange execute exist expect experience experiment explain
    explore expose express face fail fake fall farm fear feed feel fend feud fight figure fill find finish fix flee
    flirt fly focus follow force forge forget forgive form found free frame function gain gamble gather get give go
    grapple grieve grow guard guess guide hack handle hang happen harbour harbor hate haunt have head heal hear help hesitate
    hide hijack hire hit hold hope host house hunt hurry hurt ignore imagine impersonate impress imprison infect
    infiltrate inform inhabit inherit inspire insist install intend interfere interpret interrogate interrupt
    intervene interview introduce invade invent invest investigate invite involve join journey judge jump keep kick kidnap
    kill kiss knock know lack land last laugh launch lead leap learn leave lend let liberate lie lift like limp listen live
    lock long look loot lose love lure maintain make manage march marry match master mean meddle meet mend mentor miss
    mistake mourn move murder navigate need negotiate notice obey object observe obsess obtain occupy offer open operate
    oppose order organise organize overcome overhear own pack paint participate partner party pass pay perform persuade pick
    pilot pit place plan plant play plead please plot plunge poison pose possess practise pray prepare present press
    pretend prevent prey prize proceed produce promise propose protect protest prove provide provoke pull punish
    purchase pursue push put question quit race raid raise rally rapture reach react read realise realize rebel
    rebuild recall receive recall reclaim recognise recognize reconcile reconnect record recover recruit rediscover
    reflect refuse regain regret reinvent reject rekindle relate relearn relive rely remain remember remind remove rent
    repair repay repel replace report rescue resist resolve respond rest restore resume retire retreat retrieve return
    reunite reveal revisit revive ride rise risk roam rob rule run rush sabotage sail save say scheme scour seal search
    secure seduce see seek seem seize sell send separate serve set settle shape share shelter shoot show shut sign sing
    sink sit skip slay sleep slip smuggle sneak solve sort spark spar speak spend spin spot spread spy squat stage stalk
    stand stare start starve stay steal step stop strand strike strive struggle study stumble succeed succumb suffer
    suggest summon supply support suppose surface surrender surrogate surround survive suspect swap swear sweep swim switch
    tackle take talk tame target taste teach team tear tell tempt tend terrorise terrorize test thank thaw think threaten
    thrive throw thwart tie topple touch tour track trade trail train transform transport trap travel tread treat trek
    trigger trick trust try turn uncover undergo undermine undertake unearth unfold unite unleash unravel unveil
    use vanish venture visit vote vow wage wait wake walk wander want warn watch welcome win wind wish witness wonder work
    worry wrestle write yearn
    access con depict portray narrate revolve concern document surround antagonise antagonize ascend babysit board burgle coerce collaborate combat combine conceive converge
    convert convey crash-land defect delve describe dress dump enact exploit fabricate fancy film harass hatch hike
    indulge initiate interact intrude lay lobby manifest manipulate masquerade migrate moonlight near orchestrate
    outfox outgrow overturn perceive plunder pledge pollute practise practice promote quarrel recount recuperate
    relocate renounce represent require resort shrink slide solicit spawn specialise specialize sympathise sympathize tamper
    transfer transplant urge vacation videotape vie violate voice volunteer wager wash whisper wield wrangle wreak
    aid bail bluff bond bump chance clash cruise dabble dawdle dig dive doubt fret glimpse graduate grip hatch help
    heed hurl hustle improvise juggle jostle lapse limp loathe long loom lurk mastermind mature meander moan
    mutate nurse outlive outrun outsmart outwit overhaul pine pit plough ponder pounce puzzle quarrel reassess
    reckon rehearse reinvent rejoin relish repent rescue rethink roll sacrifice scare scramble scrape sense shadow
    shed shelter shrug shuttle sift soar spurn stake stir stoop strand stray stretch strip stroll subdue summon
    supervise survey tag tail tangle taunt tempt throw tiptoe toil tow toss transcend trespass trip trot tumble
    tutor unlock unmask untangle usher vault venture wade warm weave weigh welcome whip widow wind wipe woo wreck yield
    """)
_ALSO_NOUNS = _words("""
    lives plans works attempts dreams fights plays deals hunts returns stars moves turns ends looks visits loves leaves
    searches battles struggles crimes forces sets shows schemes plots spies gangs camps claims stages records
    homes hopes fears needs wants uses murders trials tricks travels journeys tours guards thoughts objects guides
    guesses walks talks calls parties houses hosts pilots coaches friends masters mentors partners rebels races raids
    questions reports risks rules runs sails searches shelters signs stands starts steps stops strikes studies
    supports swaps targets tastes tears tests threats ties tracks trades trails trains traps treats treks votes
    watches waits wakes wins winds wishes witnesses cooks courts covers crosses curses cuts dances dates debates
    demands designs desires doubts drifts drinks drives drops experiences experiments faces falls farms feeds feuds
    figures fills finds flights forms frames gambles gains gathers hacks heads hides hits holds hurts judges jumps
    kicks kisses knocks lacks lands leads leaps lies lifts likes links locks longs loots matches means misses mistakes
    offers orders packs paints passes places plants poses practices presents presses prizes promises protests
    pulls pushes reaches reads reflects regrets remains rents repairs rests retreats rewards rides rises robs
    scours seals secures sees sells sends serves settles shapes shares shoots sinks skips sleeps slips sneaks
    sorts sparks speaks spends spins spots spreads squats stalks stays steals strands sweeps swims switches
    teams trusts ventures wonders worries
    """)
_AUXILIARY = _words("""
    is are was were has have had must can cannot could will would may might shall should does do did
    """)
_SINGULAR_ONLY = frozenset({"is", "was", "has", "does"})
_PLURAL_ONLY = frozenset({"are", "were", "have", "do"})
_PAST = _words("""
    went said told came took got made gave found felt kept left met ran saw sat sent spoke stood fell fought fled flew
    drew drove knew led lost paid rode rose sold thought threw understood woke won wore wrote became began broke
    brought bought built caught chose held taught stole grew sought spent fought sprinted
    """)
PERSONS = _words("""
    accountant actor actress adolescent adult adventurer agent alien ambassador anthropologist apprentice archaeologist architect
    aristocrat artist assassin assistant astronaut athlete attendant attorney aunt author baby baker ballerina bandit
    banker barrister bartender bear billionaire biologist bodyguard boss boxer boy boyfriend bride brother burglar
    businessman businesswoman butcher butler captain carpenter cat cellist champion chef chief child children citizen
    cleaner clerk clown coach colleague colonel comedian commander companion composer con-man cook cop couple cousin cowboy creature
    crew criminal critic dancer daredevil daughter dealer deer dentist deputy designer detective dictator diplomat diver doctor
    dog doll dolphin drifter driver drummer duke elf emperor empress engineer entrepreneur ex-con executive expert explorer
    family fan farmer father fellow fiance fiancee firefighter fisherman folk fox friend fugitive gambler gang gangster gardener general
    genius ghost giant girl girlfriend god goddess governess grandfather grandmother guard guide guitarist gunman gunslinger
    hacker heir heiress hero heroine historian hitman horse host housewife human hunter husband immigrant inspector
    inventor investigator janitor jockey journalist judge killer kid king knight lady landlady landlord lawyer leader
    librarian lieutenant lion lord lover magician maid major man manager marine master mayor mechanic medic men mentor merchant
    mercenary miner misfit mistress model monk monkey monster mother mouse mum murderer musician native neighbor neighbour nephew niece
    ninja novelist nun nurse nurseryman officer orphan outcast outlaw owner painter pair parent partner patient people
    philanthropist photographer physician pianist pig pilot pirate playboy playwright plumber poet policeman policewoman
    politician postman president priest prince princess principal prisoner producer professor programmer prostitute
    psychiatrist psychologist publisher puppy queen rabbit racer rancher rapper rat recluse refugee reporter researcher robot
    rockstar ruler sailor salesman samurai schoolboy schoolgirl schoolteacher scientist sculptor secretary senator
    sergeant servant sheriff shopkeeper sibling singer sister slave sleuth smuggler soldier son songwriter spinster spirit
    spy stepfather stepmother stranger student superhero surfer surgeon survivor suspect tailor teacher teen teenager
    thief toddler tourist traveller traveler tutor twin tycoon uncle vampire veteran vet vicar victim villager violinist
    visitor volunteer waiter waitress warrior werewolf widow widower wife witch wizard wolf woman women worker wrestler
    writer youngster youth
    """)
_PERSON_ENDINGS = ("ist", "man", "woman", "men", "women", "eer", "ess", "ian")
_GROUPS = _words("""
    band bunch class clan circle collection couple crew crowd dozen family gang generation group handful host party pack pair
    posse quartet quintet series set squad team trio tribe troop troupe unit
    """)
NUMBERS = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|several|some|many"


def _third(base: str) -> str:
    if base.endswith(("go", "s", "sh", "ch", "x", "z")) or base == "do":
        return f"{base}es"
    if base.endswith("y") and base[-2] not in "aeiou":
        return f"{base[:-1]}ies"
    return "has" if base == "have" else f"{base}s"


_THIRD = frozenset(map(_third, _BASES))


def is_third(word: str) -> bool:
    """Whether a word is a verb in the present, third person singular."""
    return word in _THIRD or word in _SINGULAR_ONLY


def is_base(word: str) -> bool:
    """Whether a word is a verb in its plain form."""
    return word in _BASES


def agrees(word: str, *, plural: bool) -> bool:
    """Whether a word may be the verb of such a subject."""
    if word in _AUXILIARY:
        return word not in (_SINGULAR_ONLY if plural else _PLURAL_ONLY)
    return word in (_BASES if plural else _THIRD)


def is_auxiliary(word: str) -> bool:
    """Whether a word is a form of be, have or do, or a modal verb."""
    return word in _AUXILIARY


def is_past(word: str) -> bool:
    """Whether a word is a verb in the past that no participle looks like, or often enough is."""
    return word in _PAST


def may_be_noun(word: str) -> bool:
    """Whether a verb's third person is as well the plural of a noun."""
    return word in _ALSO_NOUNS


def is_person(word: str) -> bool:
    """Whether a noun, singular or plural, is somebody: a person, or an animal that a story is about."""
    lower = word.lower().rpartition("-")[2]
    for form in (
        lower,
        lower.removesuffix("s"),
        lower.removesuffix("es"),
        f"{lower[:-3]}y",
        f"{lower[:-3]}f",
    ):
        if form in PERSONS:
            return True
    return lower.removesuffix("s").endswith(_PERSON_ENDINGS) and len(lower) > 5


def is_group(word: str) -> bool:
    """Whether a noun stands for several of what follows behind "of"."""
    return word.lower() in _GROUPS
